bus add b1
drv add r1 bus=b1 ids=x
class add c1
kset add s1 uevent=1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y attrs=d2 devm=ma,mb sync_state=1
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 parent=d3 class=c1 id=x
dev add d2 bus=b1 id=x type=t1
dev add d3 bus=b1 id=x
dev add d4 bus=b1
kobj create k1
kobj create k2 parent=k2 kset=s1
kobj create k3 kset=s1
kset find s1 k4
dev set d2 probe=-517
kobj del k3
kset list s2
stat devices/d3/dev
dev add d3 class=c2 id=x attrs=physical_location
drv add r2 bus=b1 ids=x probe=-ENODEV:1
stat bus/b1/devices/d5/bind
class add c1 uevent=1
dev move d1
dev add d6 id=x class=c2 norelease=1 bus=b1 parent=d6
deferred
bus del b1
dev reprobe d6
kobj add k4 parent=k2
bus add b2 uevent=-EINVAL notify=1
bus del b1
readlink devices/d5/d3
dev release d3
drv add r2 bus=b1 name=x/y ids=x devm=ma
bus add b1 uevent=1 remove=1 probe=1 match=-EPROBE_DEFER notify=1
bus add b1 remove=1 override=1 drvattrs=uevent notify=1
kset add s2 kset=s2
kobj create k5
hook r2 remove devres open % ga
dev init d5 devt=240:1 id=y bus=b1 parent=d3
dev del d1
deferred
write devices/d1/d3 remove fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eedx
hook  r1 probe
dev set d6 probe=-EPROBE_DEFER:1
deferred
dev init d2 parent=d4 class=c1 bus=b1 attrs=aa:ro
dev children d1
readlink class/c1/d1/device
drv add r2 bus=b1 ids=x,y
sync
kobj create k5 kset=s1 parent=k2
bus add b1 shutdown=1 devattrs=new_id:ro dma=1 drvattrs=uevent:ro notify=1
uevent d3 change
kobj create k2 parent=k4 name=k1
dev add d1 type=t2 bus=b1 id=x
kset list s1
probing unblock
bus add b2 remove=1 shutdown=1
kobj create k4 parent=k3 kset=s1
write bus/b1/uevent 
write devices/d1/driver_override 
bus sort b1
sif del q2
kobj create k2 kset=s2 attrs=uevent
hook r1 probe cat devices/%/uevent
write bus/b1/drivers/r4/unbind d6\n\n
drv devs r2
readlink bus/b1/devices/d1/driver
dev init d6 name=b1 attrs=uevent:wo id=y bus=b1
dev add d1 bus=b1 d2
dev attach d6
drv add r1 bus=b2 ids=x,y probe=defer:d2
dev add d1 bus=Bad
write bus/b1/devices/d6/own -EIO
type add t2
class add c1 uevent=1
dev add d1 bus=b1 id=x
devres add d1 ma
dev children_rev d2
bus add b1 shutdown=1 override=1
devres del d6 ma
dev attach d2
readlink devices/d5/uevent
probing block
kobj uevent k2 change
dev init d4 name=d1 class=c2 id=x parent=d6
hook r1 probe uevent %
bus add b1 notify=1 sync_state=1 remove=1
ls class/c2/uevent
devres add d3 ga
bus add b1 uevent=1 match=0 remove=1
dev del d1
devres open d1 ma
ls bus/b1/devices/d2
drv set r4 probe=-EPROBE_DEFER
write devices/virtual/c1/d2/subsystem \\ \t\s
deferred
bus del b1
cat devices/d6/c2/d3
bus add b1 probe=1 notify=1 name=b1
deferred
dev add d6 attrs=unbind norelease=1 class=c1 id=x suppress=1 name=d2
dev add d1 id=x bus=b1 suppress=1
dev add d2 bus=b1 class=c1 parent=d6 attrs=bb:wo id=x
class add c2 shutdown=1
drv add r4 bus=b1 devm=ma,ma pm=1 probe=-EPROBE_DEFER ids=y
dev add d1 class=c1 attrs=bb:wo bus=b1 type=t2
hook r1 probe devres add % hk
dev add d1 class=c1 bus=b1 parent=d3 id=y norelease=1 attrs=bb,state_synced:ro,drivers
drv add r1 bus=b1 noprobe=1 probe=-EPROBE_DEFER:1
bus add b1 uevent=1 probe=1
