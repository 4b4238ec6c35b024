bus add b1 override=1
drv add r1 bus=b1 ids=x
class add c1
drv add r1 bus=b1 ids=x,y devm=ma,mb attrs=bb:ro,bb
drv add r2 bus=b1 ids=x devm=ma,mb devattrs=c1:ro,r1:wo,bb probe=-EPROBE_DEFER:1
dev add d1 bus=b1 parent=d3 type=t1 devt=240:0 id=x attrs=driver_override:ro
dev add d2 bus=b1 id=x attrs=own
dev add d5 class=c1
kobj create k1 attrs=unbind:ro
kobj create k2 kset=s1 parent=k2
drv attach r1
drv add r4 bus=b2 ids=x,y attrs=state_synced:ro
kobj get k3
uevent d1 bind
devres dgroup d1 ga
dev bind d1 r2
devres add d1
bus del b1
class add c2 uevent=1
devres rel d1 mb
uevent d5 offline
dev add d4 norelease=1 attrs=bb,bb,bb:wo class=c1 id=y bus=b1
write bus/b2/drivers_autoprobe \n
bus del b1
dev get d1
type add t2 devattrs=drivers_probe,bb,bind:wo
dev init d1 type=t2 class=c2 id=x
dev register d4
dev drvattach d6 r4
dev add d2 id=y bus=b1
dev add d3 devt=240:1 id=y bus=b1
bus sort b1
drv add r3 bus=b1 ids=x noprobe=1 devm=ma probe=-517:1
bus del b1
cat bus/b1/drivers/r4/uevent
hook r2 probe bus rescan b1
drv add r4 bus=b1 probe=-EINVAL:1 ids=x,y
devres dgroup d5 mb
drv devs r1
drv del r1
drv add r1 bus=b1 probe=-EPROBE_DEFER ids=x
dev add d3 class=c1 id=x bus=b1
dev set d6
uevent d2 remove MODALIAS=m
stat devices/./d6
bus add b1 uevent=1 devattrs=bind:ro
write k5/device change
stat bus/b1/devices
readlink bus/b2/devices
write devices/d2/d1 unbind fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=
write bus/b1/drivers/r2/d5 
dev del d4
write bus/b1/drivers/r2/unbind d4\n\n
drv del r1
dev add d4 bus=b1 name=n1 id=x parent=d2 devt=240:0 probe=0
drv add r1 bus=b1 probe=-EPROBE_DEFER ids=y noremove=1
drv attach r4
uevent d4 add
dev get d4
kobj uevent k5 remove
dev add d6 type=t1 probe=0 devt=254:255
uevent d9 add fill=99
ls devices
drv add r2 bus=b1 shutdown=1 probe=-EPROBE_DEFER ids=x,y attrs=dev noremove=1
write bus/b1/drivers/r3/bind d3
hook r1 probe devres open % ga
kset find s1 k5
dev add d6 class=c1 devt=254:255
dev add d3 type=t1 bus=b1
bus drvs b1
dev add d4 bus=b1 type=t1
dev add d5 devt=240:0 bus=b1 name=b1 id=y attrs=bb:ro parent=d3
kset add s2 subsys=- name=sx uevent=-EIO
drv add r3 bus=b1 devm=ma,ma match=1 sync_state=1
dev init d3 bus=b1 attrs=d2:wo id=x parent=d3
class devs c1
kobj uevent k2 bind
dev bind d1 r1
class del c1
intf add i1
stat bus/b1/drivers/r1/d5
write bus/b1/drivers/r1/unbind d1\0
drv add r1 bus=b1 pm=1 probe=-EBUSY noprobe=1 ids=y devattrs=aa:ro
readlink devices/../bus
dev bind d1 r1
stat devices/virtual/c1/d4
sif del q2
hook r1 probe uevent %
type add t2 uevent=1
dev del d5
dev add d1 id=x suppress=1 bus=b2
uevent d1 online
kset find s1 k1
dev del d1
dev bind d2 r1
class del c1
bus del b1
kset add s1 name=s1
write bus/b1/drivers/r1/bind d1\s
type add t1
drv del r1
dev del d1
class add c1 shutdown=1
drv add r3 bus=b2 noprobe=1 probe=0 ids=x,y
ls devices/d3/d2
bus add b1 remove=1 name=b1 notify=1
sif add q1 bus=b1
dev add d1 id=y bus=b2 probe=-ENOMEM
class add c2 devattrs=aa
ls devices/./d3
dev reprobe d2
bus rescan b1
dev set d3 suppress=0
class del c1
sif del q2
dev children_rev d3
dev add d2 bus=b1
