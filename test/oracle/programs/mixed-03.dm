bus add b1
drv add r1 bus=b1 ids=x
kset add s1 uevent=1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x probe=defer:d3
dev add d1 bus=b1 parent=d2 id=x devt=240:1
dev add d2 bus=b1 id=x parent=d3
dev add d3 bus=b1 devt=240:0 id=x parent=d1
dev add d5 class=c1
kobj create k1 kset=s1
kobj create k2
kobj create k3 parent=k1
bus add bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
kobj uevent k3 offline A=1
kobj uevent k5 unbind A=1
ls k2
class add c1 attrs=d1
dev find d6 n1
sif add q1 bus=b1
class devs c1
write bus/b1/drivers/r4/bind d2\0x
dev add d1 class=c1 suppress=1 parent=d4 bus=b1 type=t2 id=x
class del c1
type add t2
dev add d1 bus=nobus class=Bad
kset find s1 k4
dev set d1 probe=-EPROBE_DEFER
class devs c1
kobj init k3 attrs=r1
drv del r2
bus add b1 notify=1 override=1 battrs=uevent dma=1 uevent=-EINVAL
dev find d5 d5
dev add d3 class=c1 id=x bus=b2
drv add r2 bus=b2 ids=x pm=1
devres open d5 ma
devres del d1 mb
hook r2 remove dev add %-k bus=b1 id=w parent=% probe=defer:d3
drv add r1 bus=b1 ids=y
kset del s1
dev add d6 devt=241:3 bus=b1 suppress=1 id=x
class add c1
kobj uevent k5 unbind
drv add r1 bus=b1 attrs=bb probe=-EAGAIN ids=x
hook r2 remove bogus
bus add b1 uevent=-EINVAL match=ids name=bx remove=1
readlink devices/d2/d3
kobj create k4 parent=k2 kset=s1
write dev/char/240:0 -4001
kobj create k5
dev add d1 name=aa bus=b1
dev set d4 probe=0
cat devices/virtual/c1/d5/subsystem
write bus/b1/drivers/r1/bind d5\s
cat devices/virtual/c1/d1
kobj create k3 kset=s1
dev add d3 bus=b1 attrs=bb:ro,module:ro,d1 id=y name=d1
deferred
dev add d3 id=x
dev release d5
dev add d4 attrs=removable:wo,aa,drivers_probe:wo type=t1 probe=-ENOMEM class=c1 suppress=1 bus=b1 id=x
stat devices/d3/uevent/x
kobj create k3 kset=s2 attrs=c1,drivers:wo,own
hook r1 probe dev add %-k parent=% id=x bus=b1
dev set d5 probe=defer:d2 suppress=0 id=y
class devs c1
drv add r1 bus=b1 shutdown=1 ids=y probe=-EPROBE_DEFER
dev release d3
dev drvattach d3 r1
class devs c1
dev set d1 id=y
uevent d2 change A=1
dev add d3 name=uevent parent=d3 attrs=state_synced,state_synced
bus devs b1 start=d2
dev release d2
drv set r1 match=1
dev add d1 bus=b1 id=x probe=-EPROBE_DEFER:2
dev put d6
dev add d5 class=c1 probe=-EPROBE_DEFER:1 bus=b1
dev add d1 id=x norelease=1 attrs=new_id:ro
kobj init k4
write bus/b2/drivers/r2/unbind d1
dev add d3 type=t1 id=y probe=-EAGAIN name=c1
readlink devices/d1/dev
bus del b1
drv add r1 bus=b1 ids=y probe=-EPROBE_DEFER
kset add s2 parent=k2 filter=0 uevent=1
dev add d1 bus=b1 id=y name=x/y
dev add d1 id=x class=c1
kobj create k1 kset=s2
dev add d2 id=x name=r1 bus=b1 class=c1
dev set d2 probe=-ENOMEM:0 suppress=1
drv add r1 bus=b1 noprobe=1 devattrs=unbind shutdown=1 ids=y devm=ma,mb
write bus/b1/devices  -EIO
kobj create k4 parent=k5 kset=s2
