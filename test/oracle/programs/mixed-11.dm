bus add b1 notify=1
drv add r1 bus=b1 ids=x
kset add s1 uevent=1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x devattrs=own probe=-EPROBE_DEFER:1
dev add d1 bus=b1 id=x class=c1 devt=240:1
dev add d2 bus=b1 id=x type=t1
kobj create k1
kobj create k2 kset=s1 attrs=bind
kobj create k3 kset=s1 attrs=r1
stat /x
bus add b1 drvattrs=unbind
bus add b1 notify=2
write bus/b1/drivers/r3/bind d3\0
class add c1 uevent=-EINVAL
class devs c2
dev add d2 probe=-EPROBE_DEFER:1 parent=d2 id=x bus=b1
bus find b1 n1
kobj create k4 name=k/y
ls dev/char/240:0
ls bus/b1/drivers/r4/driver
write bus/b1/drivers/r2/bind d2\n\n
devres open d6 mb
drv attach r1
drv del r2
deferred
dev reprobe d3
drv add r1 bus=b1 probe=defer:d3 ids=x,y
dev init d6 bus=b1 probe=-4000:0 devt=241:3
write bus/b1/drivers_probe \\ \t\s
class del c1
kset find s2 k5
dev set d2 suppress=0
dev set d1 id=x suppress=1 probe=-ENODEV
class add c1 devattrs=dev
dev set d4 suppress=1
ls k5/subsystem
write bus/b1/drivers/r4/bind d1\s
write bus/b1/drivers/r2/bind d1\0x
bus add b2 notify=1 match=1 remove=1
kobj add k5
deferred
dev add d3 type=t2 id=y attrs=devices,aa bus=b1
cat class/c1/subsystem
write bus/b1/drivers/r2/unbind d5\0x
class devs c1
drv add r1 bus=b1 name=n1 ids=y
drv del r1
ls devices/virtual/c1/d6/subsystem
bus add b1 match=none-cb uevent=1 notify=1 sync_state=1
drv devs r1
write bus/b1/drivers/r1/unbind d2\n\n
kobj uevent k2 add
write bus/b1/drivers/r3/bind d2\0
drv attach r2
readlink bus/b1/devices
dev get d2
ls devices/d1
dev find d3 n1
bus del b1
dev add d2 id=x devt=240:0
ls nope
kobj add k1
drv add r3 bus=b2 ids=y devm=ma,mb suppress_bind_attrs=1 noremove=1 probe=-3:0
write bus/b1/drivers/r3/unbind d3\0
cat devices/d4/uevent
kobj uevent k5 bind A=1
dev put d4
dev add d2 name=x/y bus=b1
dev init d3 class=c2 probe=-EPROBE_DEFER
write bus/b1/drivers/r2/bind d4\0
class add c1
kobj add
dev add d3 parent=d3 bus=b1 id=x
type add t1 uevent=-EIO
dev add d1 parent=d1 id=x bus=b1
sif add q1 bus=b1
kobj create k4
dev add d1 devt=1:1
kobj create k4
dev add d1 name=uevent parent=d3 bus=b1 type=t2 id=y
readlink nope
bus del b1
write bus/b1/drivers/r1/bind d1\n
write bus/b1/drivers/r1/unbind d1\s
dev add d2 parent=d2 class=c1 type=t2 bus=b1 id=x attrs=dev:wo,aa
deferred
bus del b1
dev add d5 type=t2 devt=240:1 name=aa bus=b1
dev drvattach d3 r2
kobj create k5 kset=s1 parent=k1
dev children_rev d2
class add c2
write bus/b1/drivers/r2/unbind d1\0x
dev add d1 class=c1 id=x type=t1
write bus/b1/drivers/r3/bind d2\n
dev attach d5
intf add i1 class=c1
bus sort b1
dev add d1 bus=b1 attrs=device parent=d2 probe=-EBUSY:2
dev add d1 driver=r2 bus=b1 name=aa id=x
stat devices/d3/uevent
write devices/d5/ -EPROBE_DEFER
ls s1/k3
cat devices/d2/d2
stat class/c1/d2
write devices/d1/subsystem 0
uevent d5 remove MODALIAS=m
dev add d3 bus=b1 class=c1 type=t2 parent=d5
