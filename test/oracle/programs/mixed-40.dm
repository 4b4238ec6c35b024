bus add b1 notify=1
write bus/b1/drivers/r4/bind d3\0x
kset add s2 uevent=1 filter=1 subsys=-
drv devs r4
dev add d1 bus=b1 class=c2 attrs=bb devt=240:0 id=x
bus add b2 notify=1 battrs=driver_override uevent=1
ls k5
dev release d3
dev set d5 probe=-EPROBE_DEFER
drv add r1 bus=b1 devm=ma,mb ids=y shutdown=1 pm=1 attrs=aa
kobj uevent k1 move A=1
bus drvs b1
hook r1 probe cat devices/%/uevent
kobj uevent k4 add
bus devs b1 start=d1
kset list s1
bus del b1
kobj create k1 kset=s1
readlink class/c1/uevent
uevent d2 change
kobj get k4
dev children_rev d4
hook r1 remove dev del %-k
ls devices/d3/uevent/x
deferred
write bus/b1/drivers/r1/bind d1\0x
sif del q2
devres add d1 mb
class add c2 uevent=1
bus sort b1
readlink k3/device
drv set r4 match=0
dev add d3 name=r1 bus=b1 class=c1 id=x
dev del d2
probing block
uevent d1 move A=1
devres add d3 ga
kobj create k5 kset=s2
write bus/b1/drivers/r1/bind d1\0x
probing unblock
dev register d1
kobj add k2 parent=k1
deferred
dev set d1
hook r3 probe devres add % hk
ls devices/d1/uevent/
class devs c2
dev bind d6 r1
uevent d3 online A=1 B=z
dev add d1 type=t2 parent=d6 norelease=1 bus=b1 class=c1 id=x
dev init d6 name=uevent id=x bus=b2 probe=0
dev find d6 d3
dev find d6 n1
dev del d2
probing unblock
class del c2
dev set d2 suppress=0 id=y
deferred
probing block
dev set d1
sync x
drv add r2 bus=b1 ids=y probe=0 devm=ma,ma
write devices/../bus add \0
sif del q2
dev set d6 probe=-EPROBE_DEFER:1
link add d1 d2 flags=x
drv add r1 bus=b1 ids=y pm=1 probe=-3:0
stat class/c2/subsystem
dev set d1 id=x probe=-EPROBE_DEFER
bus del b1
class add c1 uevent=-EINVAL
write bus/b1/drivers/r1/bind d4\n\n
dev add d2 type=t1 id=y parent=d5
drv add r1 bus=b1 ids=y devm=ma,mb,mc
bus del b1
hook r3 remove dev add %-k class=c2 bus=b1 attrs=bind parent=% id=w
probing trigger
drv add r3 bus=b1 ids=x probe=-EIO match=ids
bus del b1
bus del b2
drv add r2 bus=b1
write bus/b1/drivers/r3/unbind d5\s
dev init d4 bus=b1 class=c2 attrs=d2 parent=d1 devt=254:255
write bus/b1/drivers/r1/driver \n\n
kobj init k3 kset=s2
ls devices
ls devices/../bus
class del c1
dev add d5 type=t2 devt=254:255 parent=d4 norelease=1
bus del b1
drv add r2 bus=b2 ids=x probe=0
bus add b1 sync_state=1 devattrs=waiting_for_supplier uevent=1 override=1 notify=1
intf del i2
dev add d3 parent=d5 id=y devt=240:1 probe=-EPROBE_DEFER bus=b1
