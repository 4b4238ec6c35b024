bus add b1 uevent=1 notify=1 override=1
class add c1
drv add r1 bus=b1 ids=x,y sync_state=1
drv add r2 bus=b1 ids=x devm=ma,mb
dev add d1 bus=b1 type=t1 id=x
dev add d2 bus=b1 type=t1
dev add d3 bus=b1 id=x attrs=driver_override:ro
dev add d4 bus=b1
dev add d5 class=c1 parent=d4
dev remove d2
class add c1 uevent=1 devattrs=waiting_for_supplier,module:wo,unbind:ro
dev drvattach d1 r1
dev children d1
dev init d4 norelease=1 bus=b1 type=t2
cat bus/b1/devices/d5/uevent
dev add d5 id=x bus=b1 attrs=uevent:wo,bind:ro,dev:wo parent=d6
write s2/k5 d5
drv add r1 bus=b2 probe=-EIO:1 suppress_bind_attrs=1 devattrs=bb:ro ids=x
dev add d3 devt=254:255 norelease=1 id=x bus=b2
pm x=1
dev init d1 suppress=1 bus=b1 probe=1
ls bus/b2/drivers/r2/uevent
write devices/d1/aa  add
ls bus/b2/devices
kset del s1
write bus/b1/drivers/r1/bind d2\0x
class add c1 attrs=dev:wo,uevent
cat bus/b1/drivers/r2
kset find s2 k2
dev set d3
dev set d4
bus del b1
kobj init k1 kset=s2
uevent d2 remove B=z
dev add d3 parent=d1
drv add r1 bus=b2 devattrs=uevent ids=x,y
drv add r2 bus=b1 sync_state=1 pm=1 probe=-3:2 ids=x
kobj create k1 kset=s1 attrs=unbind:ro,removable:ro
kobj get k4
dev add d1 devt=241:3 attrs=uevent id=x
dev init d4 attrs=own:ro,uevent:wo,driver_override parent=d1 bus=b1
stat bus/b1/devices/d6/own
dev set d5
deferred
drv add r2 bus=b2 probe=-EPROBE_DEFER:1 ids=x,y
dev children_rev d6
write class/c2/d2/device add x
stat devices/../bus
dev del d3
ls class/c1/d2/
kset find s1 k5
drv add r1 bus=b1 pm=1 devm=ma,ma probe=defer:d4
class devs c2
bus del b1
uevent d4 remove A=1
dev add d1 attrs=waiting_for_supplier:wo,bb:wo,bb bus=b1 norelease=1 id=x
dev children d2
kobj add k5 parent=k3
dev init d3 id=y class=c1 bus=b2
deferred x
bus del b2
dev reprobe d6
type add t1 devattrs=unbind
drv add r1 bus=b2 suppress_bind_attrs=1 ids=x sync_state=1 devm=ma
dev init d1 probe=-EPROBE_DEFER:1 class=c1 attrs=own,devices id=x bus=b1
dev attach d5
dev add d2 name=c1 class=c1 id=y bus=b1 parent=d2
dev add d3 bus=b1 id=x
drv add r1 bus=b1 name=r2 noprobe=1
ls devices/d3/state_synced
sif add q2 bus=b1
kobj add k3 parent=k3
write bus/b1/drivers/r4/bind d3
bus add b1 dma=1 uevent=1 sync_state=1
kset list s1
write bus/b1/drivers/r1/bind d1\n
kset del s1
hook r2 probe bus rescan b1
bus del b1
ls class
kset add s2 subsys=- uevent=-EIO
drv add r1 bus=b1 ids=x probe=defer:d4 match=9
kset find s1 k3
dev add d1 probe=-EPROBE_DEFER id=x driver=r2 bus=b2 norelease=1
sif add q2 bus=b2
kobj del k5
deferred
bus sort b1
drv add r3 bus=b1 suppress_bind_attrs=1 probe=0
bus del b1
dev attach d3
cat devices/d2/c2
devres rel d2 ga
hook r1 probe dev del d2
dev bind d6 r3
type add t2 uevent=1
dev find d5 d2
link add d1
drv del r3
type add t1 uevent=1
dev set d2 id=y probe=defer:d5
kset find s1 k1
kobj uevent k5 remove
intf del i1
dev set d2 id=x
dev add d5 bus=b1 id=x type=t1 probe=-EPROBE_DEFER
dev children_rev d1
write devices/d1/c1/d3/device -EIO
dev bind d4 r3
devres rel d3 ga
readlink class/c2/d2/device
drv add r1 bus=b1 shutdown=1 ids=x
bus add b2 devattrs=aa,drivers:ro,aa uevent=-EINVAL override=1 drvattrs=drivers_probe:wo
kobj uevent k4 online
dev add d6 class=c1 devt=240:1 id=y bus=b1 name=x/y
dev add d5 attrs=own:ro bus=b1 id=x
dev add d3 id=x
dev release d5
ls bus/b1/drivers_autoprobe
bus find b1 x!y
cat
write bus/b1/drivers/r1/bind d1\n\n
cat bus/b1/drivers/r2
