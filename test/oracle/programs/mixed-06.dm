bus add b1
drv add r1 bus=b1 ids=x
type add t2 devattrs=unbind
dev add d1 probe=0 bus=b1 class=c1 id=x
kset del s1
devres add d3 mb
bus frob b1
stat devices/virtual/c2/d1/subsystem
dev bind d2 r2
dev put d2
kobj create k1 kset=s2
write bus/b1/drivers/r2/bind d1\s
ls devices/d2/driver_override
dev bind d6 r1
dev find d6 d2
bus del b1
uevent d2 unbind fill=17
dev add d2 devt=254:255 norelease=1 id=x type=t1
shutdown x
write bus/b1/drivers/r3/bind d5\s
deferred
drv add r1 bus=b1 probe=0 ids=x
ls s1/k1
type add t1 devattrs=own:ro uevent=1
drv set r3 probe=-EBUSY devm=mb,mc ids=x
sif del q2
write bus/b1/drivers/r2/bind d2
sync
drv add r4 bus=b2 sync_state=1 pm=1 ids=x,y noprobe=1
kobj put k4
drv add r1 bus=b1 ids=x,y match=9
uevent d2 change B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
kobj create k2 kset=s2 attrs=online:ro,d1,own
bus add b1 drvattrs=unbind:ro notify=1
drv devs r2
ls dev/char
dev attach d3
hook r2 probe devres rel % ma
=x
dev add d3 class=c1 bus=b2 devt=254:255
bus finddrv b1 n1
dev add d2 suppress=1 norelease=1 attrs=unbind:wo,waiting_for_supplier:ro,removable:ro id=x
dev del d5
dev add d3 probe=-EPROBE_DEFER bus=b1
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
write bus/b1/devices/d6/device -5
hook r4 remove dev del %-k
deferred
dev init d1 bus=b1 devt=240:0 name=n1 id=y parent=d5
drv add r4 bus=b1 match=9 devm=ma,ma probe=-4000:0 attrs=drivers_autoprobe
devres add d3 ga
drv add r1 bus=b1 devattrs=unbind:wo probe=0 ids=x,y
write k3/aa \0
ls class/c2/d6/
kobj add k5 parent=k5
kobj create k1 kset=s2
class add c1 devattrs=driver_override,d2
stat devices/d3/driver_override
bus del b1
kobj create k3 kset=s1
bus del b1
kset list s2
dev set d2
kobj add k4
bus add b1 probe=1 remove=1
kset find s1 k5
drv add r3 bus=b1 ids=x devm=ma,mb noprobe=1 sync_state=1 probe=-ENXIO
drv add r2 bus=b1 devattrs=drivers sync_state=1 pm=1 ids=y
dev set d1 id=x probe=-EPROBE_DEFER
cat nope
dev attach d4
dev set d1
dev drvattach d2 r2
kobj add k1 name=kx parent=k1
class add c1
drv del r1
dev init d6 bus=b1 probe=0 name=x/y id=x
dev drvattach d1 r1
hook r4 remove dev add %-k bus=b1 id=x parent=%
dev release d6
dev set d1
kset find s1 k5
write bus/b1/drivers/r2/unbind d3\n\n
kobj create k3 attrs=aa:wo,driver_override:ro,devices:wo
kobj add k5
write k3 1
hook r3 remove dev set d1 probe=517:1
dev find d6 n1
kset list s1
ls devices/d2/
kset list s1
dev init d3 id=y parent=d2
dev add d2 id=y attrs=bb driver=r1 name=n1 bus=b1
uevent d3 offline
uevent d1 change A=1
dev attach d1
dev add d1 type=t2 probe=0 name=n1 bus=b1 id=y
dev del d6
bus del b1
dev add d6 id=x class=c1
dev init d4 devt=240:0 parent=d5 class=c1 probe=517 norelease=1
class del c1
dev add d3 bus=b1 id=y devt=254:255 attrs=driver_override:wo
dev remove d1
class add c1
write bus/b1/drivers/r1/bind d1\0x
kobj put k1
type add t1 uevent=-EIO
dev init d6 suppress=1 parent=d4 bus=b1 probe=0 norelease=1
