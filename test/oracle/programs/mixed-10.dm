bus add b1 devattrs=bind:ro
drv add r1 bus=b1 ids=x,y devm=ma,mb devattrs=bind sync_state=1
drv add r2 bus=b1 ids=x devm=ma,mb probe=517
dev add d1 bus=b1 id=x parent=d6 devt=240:1 attrs=bb class=c1
dev add d2 bus=b1 attrs=subsystem:ro
dev add d3 bus=b1 type=t1 devt=240:0 id=x
dev add d4 bus=b1 devt=240:0 id=x parent=d4
dev add d5 class=c1 parent=d5
kobj create k1 kset=s1
dev add d2 type=t2 attrs=unbind
hook r1 probe dev add %-k id=x bus=b1
dev add d3 bus=b1 type=t2
drv attach r1
deferred
bus del b1
dev init d4 id=x
hook r4 remove uevent %
dev set d2
readlink devices/d1/uevent/
drv set r1 probe=0
kobj create k3 kset=s1
dev attach d1
dev add d3 bus=b1 probe=0 id=x
bus add b1 notify=1 override=1
kobj add k1 parent=k4
stat devices/d2/
drv add r3 bus=b1 suppress_bind_attrs=1 shutdown=1 ids=x
kset find s2 k1
class devs c1
write bus/b1/drivers/r1/bind d3\s
write bus/b1/drivers/r4/unbind d1\n
dev drvattach d5 r3
bus add b1 notify=
write bus/b1/drivers/r4/bind d2\s
drv add r1 bus=b2 ids=x sync_state=1 shutdown=1 probe=-EPROBE_DEFER
dev bind d4 r1
write bus/b1/drivers/r4/bind d2\n\n
dev attach d3
kobj create k1
dev set d1 id=x
write bus/b1/drivers/r2/unbind d1\s
readlink class/c1/d1
hook r1 probe devres add % hk
dev init d1 type=t2 name=c1
dev children_rev d3
type add t1
dev init d1 bus=b1 parent=d3 attrs=removable id=y
ls /x
drv add r2 bus=b1 devm=ma,ma attrs=bind sync_state=1 ids=x,y
dev add d1 devt=241:3 id=x bus=b2
dev init d3 id=y suppress=1 bus=b1
dev init d4 id=y norelease=1
kset find s1 k5
dev add d2 parent=d6 id=y attrs=driver_override:wo
kobj add k2
dev drvattach d4 r3
deferred
drv set r2
kobj create k1 attrs=physical_location kset=s1
dev add d3 id=x driver=r1 type=t2 name=n1
kset find s2 k2
kset del s1
drv add r3 bus=b1 probe=0
drv add r2 bus=b1 devm=ma suppress_bind_attrs=1 attrs=c1:wo sync_state=1
bus sort b1
dev add d3 probe=-EAGAIN:1 bus=b1 id=y
devres add d3 ma
write s2 \\ \t\s
write class/c2/d2/ add 
dev drvattach d6 r4
dev set d1 suppress=0 probe=-EPROBE_DEFER
drv del r4
drv devs r1
bus del b1
class add c1
drv set r4 devm=ma probe=-4000
devres add d4 ga
bus drvs b1 	
dev drvattach d2 r2
kobj get k4
write devices/d2/c1/d5/device add
kobj add k5 parent=k1
dev init d3 bus=b1
kobj create k1 kset=s1
devres del d1 ga
devres add d1 ga
ls devices/virtual/c1
kobj create k3
sync
dev add d3 attrs=bb bus=b1 norelease=1 suppress=1
drv add r3 bus=b1 match=-EPROBE_DEFER probe=0 ids=x sync_state=1
dev add d2 attrs=aa
dev set d1 id=x
dev add d5 id=x class=c1 bus=b2
write devices/d1/driver_override 0
dev init d5 id=y type=t2 attrs=unbind bus=b1
dev bind d1 r2
dev bind d3 r2
dev add d1 parent=d3 bus=b1 id=y type=t1
devres rgroup d3 ma
drv add r4 bus=b1 probe=-EPROBE_DEFER:1 shutdown=1 ids=x
