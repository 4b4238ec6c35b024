bus add b1 notify=1
drv add r1 bus=b1 ids=x
class add c1 uevent=1
drv add r1 bus=b1 ids=x,y sync_state=1 probe=0 devm=ma,mb
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 devt=240:0 type=t1 id=x
dev add d5 class=c1
kobj create k1 parent=k1
kobj create k2 kset=s1 attrs=own:ro
kobj create k3 kset=s1
hook r1 remove bus rescan b1
dev add d1 bus=b1 devt=254:255 class=c2 attrs=bb parent=d2
bus del b1
bus add b1 battrs=bind:wo sync_state=1 notify=1 override=1
bus del b2
drv add r1 bus=b1 probe=-EPROBE_DEFER pm=1
kobj del k1
bus del b1
class add c2 uevent=1
class del c1
dev drvattach d1 r4
bus add b1 drvattrs=aa uevent=1 notify=1 override=1
dev children_rev d2
dev add d2 attrs=own:wo parent=d5 bus=b1
sif del q1
dev init d5 bus=b1 suppress=1 attrs=waiting_for_supplier id=x
hook r2 remove dev del %-k
drv add r2 bus=b1 devm=ma,ma ids=y probe=0 shutdown=1 noremove=1
write bus/b1/drivers/r2/bind d1\s
uevent d5 online
dev set d3 probe=0
kset find s1 k5
devres add d6 ga
bus del b1
bus add b1
dev init d1 bus=b1 id=x parent=d6
write bus/b1/drivers/r4/bind d4\0
bus find b1 n1
ls devices/d1/driver
write bus/b1/drivers/r1/unbind d3\n\n
dev set d3
bus del b1
class add c1 shutdown=1
write devices \n
dev del d3
intf del i2
kset del s2
class add c1
stat devices/d2/subsystem
kset find s1 k5
dev add d6 attrs=subsystem,d2,r1:wo id=x bus=b2 parent=d4
uevent d5 add
dev del d3
kobj del k3
devres rgroup d5 mb
dev reprobe d2
kobj add k5 parent=k3
kobj create k1 kset=s1
write bus/b1/uevent add
dev find d2 n1
type add t2 uevent=1
bus set b1
devres add d6 ga
kobj init k3 attrs=uevent:wo,bb
write bus/b1/drivers/r2/unbind d3\0x
devres del d2 ga
stat s1
dev add d4 id=x parent=d2 bus=b1
kset add s1 parent=k3 filter=1 uevent=1
drv add r3 bus=b1 devm=ma,ma probe=0 ids=x,y
ls class/c1/bind
class devs c1
deferred
kobj create k5 kset=s2
drv add r1 bus=b1 devattrs=waiting_for_supplier ids=x,y
readlink bus
bus rescan b1
probing trigger
cat devices/d5/d3
uevent d2 unbind
write bus unbind fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1\nB=2
devres open d2 ga
devres del d6 ga
uevent d6 move MODALIAS=m
probing unblock
drv add r3 bus=b1 devm=ma,ma sync_state=1 ids=x probe=0
intf del i1
kobj create k4 parent=k3
class add c1 uevent=1
dev add d3 bus=b1
kset add s1
ls devices/virtual/c2
write devices/d1/uevent/x add \0
dev del d3
bus add b1 override=1 battrs=own:wo devattrs=driver:ro
dev add d2 bus=b2 id=y devt=241:3
drv add r1 bus=b1 ids=x name=r1 suppress_bind_attrs=1
dev find d2 d3
dev set d2 id=y probe=1 suppress=0
kobj create k3
write bus/b1 
kobj add k3
stat bus/b1/drivers_probe
kset find s1 k1
drv add r1 bus=b1 ids=
dev set d3 probe=5
dev add d2 driver=r1 type=t2 attrs=own:ro bus=b2 parent=d5
write bus/b1/drivers/r2/unbind d1\0x
kset find s2 k5
bus rescan b1
kobj create k2 name=k1 parent=k2
ls bus/b2/uevent
drv set r2 probe=-517:1 ids=y
ls k2/own
readlink s2/k5
dev init d1 parent=d6 type=t2 attrs=bind,own:ro,bb id=y
drv add r3 bus=b1 probe=-EPROBE_DEFER:1 sync_state=1
uevent d1 add
drv add r1 bus=b1 probe=0:-1
intf add i2 class=c1
dev children_rev d2
kobj create k4
kset find s1 k1
dev init d1 class=c2 bus=b1 attrs=unbind:wo name=c1
cat devices/d2/uevent/
dev find d2 n1
