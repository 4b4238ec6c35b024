bus add b1 override=1
class add c1
kset add s1 uevent=1
type add t1 uevent=1
class add c1 pm=1
cat bus/b1/devices/d3
bus del b1
stat bus
dev reprobe d2
dev add d2 bus=b1 type=t2 attrs=state_synced id=x devt=240:1
dev reprobe d5
deferred
stat k4
write class bogus
drv add r1 bus=b1 ids=x,y probe=0
kobj create k5 kset=s1
kobj uevent k4 unbind A=1
intf add i2 class=c1
# comment
kobj add k3
uevent d1 add fill=x
dev children d5
dev init d3 id=x bus=b1
drv add r1 bus=b1 suppress_bind_attrs=1 sync_state=1 devattrs=new_id shutdown=1
dev set d2 probe=-EPROBE_DEFER:1
type add t1 uevent=-EIO
hook R1 probe x
readlink devices/d2/driver_override
write bus/b1/drivers/r2/unbind d3\n
ls s1/k2
dev add d1 id=y devt=241:3
intf add i1 class=c1
dev bind d1 r2
dev init d1 parent=d5 attrs=unbind:ro,uevent devt=254:255
class del c1
kobj init k3 kset=s1
write bus/b1/drivers/r1/bind d6\0
drv add r4 bus=b1 sync_state=1 name=x/y probe=defer:d4
kset add s2 name=s1
devres del d6 ga
kset add s1 subsys=-
uevent d2 remove B=z
deferred
dev reprobe d1
bus del b1
kobj add k1 parent=k3
kset find s1 k4
kset find s2 k2
bus find b1 x!y
bus add b2 uevent=1 notify=1
dev set d3 id=y
dev get d1
dev find d3 n1
dev del d2
deferred
dev add d2 parent=d3 bus=b1
kobj create k1 kset=s1
readlink class/c2/d2/device
kobj put k2
kset find s2 k5
class add c1 uevent=1
sif del q1
hook r3 probe dev del d2
devres add d1 ma
dev add d1 driver=r1
stat devices/d4/driver
hook r2 probe drv set
hook r1 remove uevent %
write bus/b1/drivers/r1/bind d1\n\n
sif add q1 bus=b1
write bus/b1/drivers/r4/bind d3\n
dev get d3
drv del r1
hook r4 probe devres rel % ma
drv add r1 bus=b1 probe=+5
kobj uevent k3 change A=1
dev add d1 devt=240:1 probe=0 class=c1 bus=b2 id=x parent=d3 driver=r2
class del c1
stat devices/d3/subsystem
kobj del k1
write bus/b1/drivers/r1/bind d2
kobj add k2
bus del b1
dev add d4 devt=241:3 id=y class=c1 driver=r2 bus=b1
ls bus/b2/drivers
hook r4 probe uevent % change A=%
deferred
dev del d5
dev init d3 bus=b1 parent=d6
dev add d3 parent=d2
bus rescan b1
probing trigger
write bus/b1/drivers/r3/bind d3\n
write bus/b1/drivers/r1/bind d5\s
kobj create k5 parent=k3
write bus/b1/drivers/r2 \n
dev put d3
write bus/b1/drivers/r2/d1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
kobj create k5 kset=s2 attrs=unbind:wo
ls devices/d2/state_synced
stat devices/d1/c1/d4
dev add d4 id=x parent=d1 class=c1
drv del r2
dev add d2 bus=b1 parent=d6 class=c2
drv add r1 bus=b1 noprobe=1 devattrs=bind probe=0 ids=y
dev add d3 type=t1 id=x norelease=1
kobj create k3 kset=s1
dev add d3 class=c1 bus=b1 probe=-EPROBE_DEFER:1
drv add r1 bus=b1 probe=0 ids=x
kobj add k4
drv add r4 bus=b1 ids=x probe=-EPROBE_DEFER attrs=own:ro devm=ma,mb,mc
dev set d1 id=x probe=0
devres del d4 ga
dev children d2
dev add d3 type=t2 class=c1 parent=d2 id=x
readlink devices/d4/driver
kobj create k3 name=kx kset=s1
dev init d1 type=t1 parent=d3
class devs c1
dev init d2 bus=b1 type=t1
dev drvattach d1 r2
class devs c1
drv add r3 bus=b1 ids=x,y attrs=bind devm=ma,mb,mc
hook r1 probe devres rel % ma
bus finddrv b1 r4
dev drvattach d6 r1
write bus/b2/drivers/r2/bind d2\0x
dev add d4 attrs=unbind:wo probe=-EPROBE_DEFER id=x bus=b1
