# wild program: theme mixed
bus add b1 shutdown=1 match=-EPROBE_DEFER uevent=1
class add c2 attrs=own:wo devattrs=x-y_z:ro,uevent,da pm=1
dev add d11 bus=b1 id=y class=c2 devt=241:0
dev add d5 bus=b1 id=z class=c2 attrs=bb:wo,dev suppress=1
drv add r1 bus=b1 ids=q pm=1
hook r1 probe dev set % suppress=1
dev add d6 bus=b1 id=z parent=d5
write bus/b1/devices/d11/uevent
link add d5 d6 flags=managed,sync_state_only,autoprobe_consumer
dev online d5
link add d11 d5 flags=managed,sync_state_only
link add d11 d11 flags=autoremove_consumer,stateless,autoremove_supplier
dev move d11 d11
kobj create k2
write bus/b1/drivers_autoprobe d11
intf add i3 class=c2
bus drvs b1
dev drvattach d6 r1
ls dev/block
kset add s1 parent=k2 uevent=1
deferred
dev set d11 probe=-EPROBE_DEFER:1
drv del r1
link remove d5 d6
cat bus/b1
write bus/b1/drivers/r1/unbind d6
probing trigger
write devices/virtual/c2/d5/d6/driver_override r1
dev attach d11
drv add r4 bus=b1 ids=q devm=mf,mc async=1
hook r4 probe
uevent d5 add fill=58
bus add b3 notify=1 override=1 match=ids uevent=-ELOOP
write class/c2/d5 add\0
readlink devices/virtual/c2/d5/d6/dev
bus set b3 dma=1
dev add d3 bus=b3 id=x parent=d5 devt=254:1
dev offline d5
dev online d11
dev online d3
dev add d13 bus=b1 id=x parent=d3
dev reprobe d5
kobj move k2 -
class add c3 name=c7 attrs=subsystem:wo,online:ro,da,waiting_for_supplier,driver,dev:ro
kset find s1 k2
link add d3 d5 flags=pm_runtime,stateless
link add d11 d5
dev add d14 bus=b3 id=x parent=d3 class=c3 norelease=1
ls k2
link add d11 d6
bus rescan b3
cat devices/virtual/c2/d5/d3/d13/dev
kset del s1
dev add d9 bus=b3 id=x parent=d11 class=c3
link add d6 d14 flags=autoremove_supplier,rpm_active,managed
bus drvs b1
ls bus/b1/drivers/r4/module
dev drvattach d6 r4
readlink bus/b3/bb
kobj add k2
readlink class/c7/driver_override
class add c1
write devices/virtual/c2/d11/d11/d9/uevent change
uevent d3 change K0=v K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
drv add r3 bus=b3 ids=y probe=0 devm=me,mc,mh
hook r3 probe dev add %-k bus=b1 id=y
dev set d3 id=y
cat devices/virtual/c2/d5/d3/d13/driver_override
dev register d13
bus add b2 offline=1 match=-EPROBE_DEFER drvattrs=own,da:ro,online:ro
bus drvs b2
dev add d4 bus=b3 id=x parent=d13
bus set b1 dma=1
kset add s4 uevent=1 filter=1
ls /abs
dev find d9 d4
bus find b1 d11
