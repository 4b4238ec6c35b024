bus add b1 devattrs=uevent
drv add r1 bus=b1 ids=x
class add c1 uevent=1
class add c1 pm=1 uevent=1
kobj put k4
write devices/d5/dev -5
cat k5/bind
dev add d6 id=x devt=240:1 norelease=1
dev get d3
sif add q1 bus=b1
drv add r2 bus=b1 noremove=1 devm=ma name=n1 probe=0 ids=y shutdown=1
write bus/b1/drivers/r2/bind d6\0
bus drvs b1
write bus/b2/drivers/r1/unbind d6\s
bus del b1
dev add d6 devt=254:255 suppress=1 bus=b1
drv del r1
write s1/k5 \n
dev add d2 bus=b1 id=y devt=254:255
write devices/virtual/c1/d2/subsystem 1
cat bus/b1/uevent
write bus/b2/drivers/r1/d1 y
kobj create k1
dev add d3 type=t1 id=x bus=b1
write bus/b1/drivers/r3/bind d6
write bus/b1/drivers/r1/unbind d3\0x
hook r4 remove dev del %
kobj create k1
ls devices/d6/d3
dev add d1 attrs=aa,drivers:wo driver=r3 bus=b1
drv del r2
class add c1 uevent=-EINVAL
drv add r4 bus=b1 devattrs=drivers_probe name=r2 ids=x
cat /x
bus del b1
drv add r2 bus=b1 probe=0 ids=x devm=ma,mb,mc sync_state=1
dev register d5
probing
write bus/b1/drivers/r1/unbind d1\n\n
dev add d2 id=x bus=b2
dev init d2 parent=d6 id=y norelease=1
hook r2 probe devres rgroup % ga
devres rgroup d1 ma
dev add d3 driver=r3 id=x
dev add d2 id=x type=t2 bus=b1 attrs=d1:ro
bus devs b1 start=d1
dev add d1 id=y parent=d2 type=t1 name=c1
write class/c1/device -4001
drv devs r2
ls bus/b1/drivers/r2
hook r2 remove dev add %-k id=x bus=b1
dev set d2 probe=-517
dev add d3 devt=240:0 class=c2
dev bind d3 r2
deferred
hook r2 probe dev add %
dev add d3 bus=b1 name=x/y type=t1
drv add r1 bus=b1 probe=defer:
bus sort b1
write bus/b1/drivers/r2/unbind d6\n
kset add s2 subsys=sub parent=k1 name=s1
devres open d1 mb
deferred x
kobj init k1 kset=s2
drv add r4 bus=b1 sync_state=1 probe=0
kobj uevent k3 bind
class add c2 devattrs=subsystem:wo
devres dgroup d2 mb
devres add d2 ma
bus add b1 override=1 devattrs=physical_location
stat bus/b1/drivers_probe
kobj create k4 kset=s1
ls k5/aa
bus del b1
kobj init k3 attrs=unbind,bind
kset list s1
ls bus/b1/drivers/r3/bind
dev children_rev d2
drv devs r1
kobj create k2 kset=s1 attrs=d2:wo
dev set d1 id=x
kobj add k5
kobj init k4 attrs=module,unbind:ro,state_synced
class add c2 shutdown=1
kobj del k4
class add c1 name=cx attrs=own,subsystem
dev children d3
dev drvattach d4 r2
class add c1 devattrs=dev,aa,aa:wo pm=1
dev children d6
write bus/b1/drivers/r2/unbind d2\0
kobj create k5 attrs=c1:wo,unbind,bb
kset add s1 kset=s1 uevent=-EIO subsys=sub
write bus/b1/drivers/r4/bind d3
