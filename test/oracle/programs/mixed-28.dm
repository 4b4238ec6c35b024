bus add b1 override=1
drv add r1 bus=b1 ids=x
kset add s1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y probe=-EPROBE_DEFER
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x parent=d5
kobj create k1 parent=k4 kset=s1 attrs=removable:ro
kobj create k2
dev add d2 attrs=aa:ro name=b1 id=y bus=b1
cat class/c2/d6/
dev add d2 attrs=drivers_probe:wo,new_id:ro type=t1 id=y bus=b1
kobj init k2 kset=s1
bus add b1 override=1 dma=-EIO
dev find d3 n1
bus del b1
uevent d1 bind
bus add b1 notify=1 drvattrs=devices:ro
write bus/b1/drivers/r2/bind d3\n\n
write bus/b1/drivers/r1/bind d4\0x
dev init d3 parent=d5 class=c2 id=x
dev add d2 devt=254:255 type=t1 id=y
drv add r1 bus=b1 ids=x,y devm=ma,mb noprobe=1 devattrs=d2
bus add b1 probe=1 devattrs=own match=ids uevent=1 notify=1
cat devices/./d4
uevent d3 offline A=1
bus del b1
sif del q1
drv add r2 bus=b2 ids=x,y probe=-EPROBE_DEFER:1
deferred
kobj put k3
ls class
kobj create k5
kobj create k4
dev add d2 bus=b1
kset list s1
write bus/b1/drivers/r2/uevent add\n
bus add b1 override=1 match=none-cb dma=1 battrs=own notify=1
kobj create k1 kset=s1 parent=k2
drv add r1 bus=b1 ids=
hook r2 remove dev add %
kset find s2 k2
cat class/c2/d2/device
kobj uevent k2 online
dev add d3 parent=d1 suppress=1 bus=b1 probe=-EPROBE_DEFER:1
dev children d3
dev add d1 id=x class=c2 bus=b1
stat devices/d2/state_synced
dev add d6 bus=b1 id=x class=c1
type add t1 devattrs=drivers_autoprobe
dev add d1 bus=b1 probe=0 parent=d4
write bus/b1/devices/d5 -EIO
stat devices/d2/subsystem
class add c1 name=c2
dev init d4 bus=b1 suppress=1 name=r1 id=x
uevent d2 add fill=70 A=1
ls class/c2/d3/
kobj get k1
dev del d4
dev add d3 parent=d4 bus=b1 attrs=uevent type=t2 id=x
bus sort b1
bus sort b1
dev add d2 parent=d3 bus=b1 id=x
kobj init k1 kset=s1
drv add r2 bus=b1 ids=x
write bus/b1/drivers/r1/bind d2\0x
ls k2/driver
devres foo d1 x
uevent d9 add fill=99
deferred
deferred
dev add d1 bus=b2 parent=d2 id=y attrs=unbind,physical_location,own class=c1
hook r3 probe dev del %
class add c2 uevent=-EINVAL
readlink dev/char/240:0
class add c1
drv set r2 match=1 ids=y
kset add s1 uevent=-EIO name=sx
class devs c1
dev attach d3
write devices/virtual/c2/d4 \n
write bus/b1/drivers/r1/bind d2\0x
probing block
intf add i1
dev add d4 bus=b1 id=x
write devices r1
dev add d1 id=x name=d1 class=c2
dev init d1 parent=d4 id=x driver=r1 bus=b1
dev add d3 attrs=uevent:ro bus=b1 parent=d2
stat devices
ls nope
dev del d4
dev bind d6 r3
intf add i2 class=c2
dev add d2 id=x parent=d3
ls devices/d6/uevent/x
dev add d3 parent=d2 id=y bus=b1 attrs=bind,c1,bind
kobj get k1
write devices/d6/subsystem -EPROBE_DEFER
deferred
class add c2 pm=1 name=c2
sif add q2 bus=b1
dev add d2 id=x attrs=uevent:ro,subsystem:ro suppress=1
dev add d2 name=d1
hook r3 probe devres rel % ma
