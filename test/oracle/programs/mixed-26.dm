bus add b1 uevent=1
drv add r1 bus=b1 ids=x
kset add s1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y devm=ma,mb
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x type=t1 devt=240:1
dev add d2 bus=b1 parent=d1 id=x
dev add d3 bus=b1 class=c1 id=x
dev add d4 bus=b1 id=x attrs=module
kobj create k1 kset=s1 attrs=physical_location:wo
write bus/b1/drivers/r2/bind d2\0
deferred
class del c2
kset find s1 k1
hook r4 probe dev add %
ls bus
write bus/b1/drivers/r1/unbind d4\n\n
dev init d4 id=y class=c1 bus=b1
drv add r1 bus=b1 ids=x
dev add d3 id=x attrs=drivers_autoprobe class=c2 devt=241:3 bus=b2
hook r1 probe devres add % hk
dev del d3
write bus/b1/drivers/r4/unbind d1\0
link add d1
kobj create k4 attrs=bb:ro kset=s1
bus add b2 pm=1 sync_state=1 battrs=drivers_autoprobe:ro,physical_location name=b1 notify=1
dev drvattach d1 r2
devres dgroup d5 ma
dev add d2 id=x norelease=1 type=t1 devt=240:1
drv add r2 bus=b1 ids=y pm=1
kobj create k1 kset=s1
write devices/d1/uevent -EIO x
dev add d4 id=x bus=b1 name=uevent
stat bus/b1/drivers_probe
dev add d5 id=x bus=b1 attrs=online:ro,drivers_autoprobe,uevent:wo
bus add b1 notify=
kobj add k5
sif del q1
stat bus/b1/devices
sif add q2 bus=b1
bus del b1
write bus/b1/drivers/r3/bind d5\0
bus del b1
drv add r2 bus=b1 ids=x
write bus/b1/drivers/r3/bind d3
sif add q2 bus=b1
bus del b1
kobj uevent k5 add A=1
dev set d1
deferred
class devs c1
kobj create k4 parent=k1
drv add r4 bus=b1
hook r1 probe dev add %-k id=x bus=b1 parent=%
dev add d5 attrs=module bus=b1
drv add r2 bus=b1 devattrs=state_synced:ro suppress_bind_attrs=1 ids=y match=ids devm=ma,mb,mc name=d1
dev drvattach d3 r4
kset list s1
dev find d2 n1
dev reprobe d2
bus sort b1
write bus/b1/drivers/r2/unbind d3\n
bus drvs b1
hook r3 remove drv set r3 probe=-EPROBE_DEFER:1
kobj create k3 name=aa parent=k1
devres dgroup d2 ma
bus add b1 devattrs=own:wo
dev del d1
type add t2
stat bus/b1/drivers/r1
dev set d2 id=x suppress=0 probe=defer:d1
dev init d6 parent=d5 id=y bus=b1
drv add r2 bus=b1 sync_state=1 ids=y devm=ma,mb noremove=1
uevent d1 add fill=x
bus del b1
kset add s1 parent=k2
dev init d1 id=y devt=240:0 bus=b1 type=t1
dev add d2 bus=b1
dev del d6
write bus/b1/devices r4
write bus/b1/drivers/r3/bind d3\0
deferred x
dev init d4 id=y parent=d6
bus add b1 battrs=dev:ro,own:ro probe=1
