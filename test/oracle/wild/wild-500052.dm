# wild program: theme mixed
bus add b3 offline=1 pm=1 match=1 uevent=1
bus add b1 notify=1 override=1 pm=1 battrs=cc:wo,own:wo,ba
dev init d7 id=x
drv add r2 bus=b3 ids=q async=1 sync_state=1 shutdown=1 pm=1
dev add d14 bus=b1 id=z
drv add r3 bus=b3 ids=x,y async=1 suppress_bind_attrs=1 sync_state=1
hook r3 probe dev add %-k bus=b1 id=w parent=% class=c1
dev init d9 bus=b1 id=z
bus rescan b1
link remove d7 d9
ls class/devlink
link add d7 d14
class devs c1
link add d9 d14
dev drvattach d7 r2
bus rescan b1
deferred
dev reprobe d9
drv set r3 ids=x
class devs c1
kobj create k4 attrs=driver,da,uevent:ro,cc:wo,ba,online:wo
devres rgroup d7 ma
write bus/b3/drivers_autoprobe 0
sync pause
type add t2 uevent=1 devattrs=driver,da,subsystem
readlink bus/b3/drivers/r2
dev reprobe d7
link add d7 d14 flags=autoremove_consumer,sync_state_only
write devices/d9/driver_override \0
kset add s4 name=s6 parent=k4 filter=0
dev add d1 id=z type=t2 attrs=da,own probe=-EPROTO:1
bus drvs b3
link add d1 d9 flags=rpm_active,autoremove_supplier
dev init d12 id=x parent=d14 attrs=cc,driver
sync resume
ls bus/b3/drivers/r2/d12
dev find d9 d14
dev add d6 bus=b3 id=x parent=d14
dev rename d6 d2
sync pause
dev drvattach d9 r2
bus devs b3 start=d14
ls devices/d14/aa
link add d6 d6 flags=sync_state_only
dev release d14
dev bind d14 r3
stat dev
bus sort b3
uevent d1 unbind
dev online d1
link add d9 d6 flags=stateless,rpm_active,pm_runtime
dev add d5 id=x type=t2 norelease=1
dev register d12
dev init d13 bus=b1 id=z
