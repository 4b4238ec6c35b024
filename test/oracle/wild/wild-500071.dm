# wild program: theme mixed
bus add b3 notify=1 pm=1
bus add b2
type add t1
drv add r3 bus=b2 probe=1 devm=mb,mg,mf sync_state=1 shutdown=1 devattrs=da:ro,aa,x-y_z:wo
hook r3 probe link add % d1 flags=stateless,autoprobe_consumer
dev add d3 bus=b3 id=z probe=0
dev add d10 bus=b3
dev add d5 bus=b2 id=x parent=d3
drv add r1 bus=b3 ids=y devm=ma pm=1 attrs=bb:ro
dev add d6 id=y attrs=subsystem,driver
drv add r5 bus=b3 ids=a,b,c,d,e,f,g,x probe=defer:d6 devm=md sync_state=1 shutdown=1 pm=1 attrs=own:wo,subsystem:wo,waiting_for_supplier:wo,cc,online:wo,aa
drv attach r3
dev release d10
uevent d5 bind K0=v
kobj create k6 name=k1 attrs=da,driver_override,bb:ro
cat bus/b2/drivers/r3
deferred
dev release d6
kset add s2 uevent=1 filter=0 subsys=sub
write bus/b3/drivers_probe 1
probing unblock
probing block
type add t3 uevent=1
stat class/c1/d10
bus drvs b2
cat dev/char/252:0
dev drvattach d3 r5
ls k1
dev add d11 bus=b3 id=x parent=d5 probe=0
kobj get k6
cat dev/char/245:0
dev attach d5
probing block
drv set r1 devm=na,nb
ls devices/d3
readlink k1/aa
ls class/devlink
sif add f1 bus=b3
type add t2 uevent=-EAGAIN
kset find s2 k6
kobj add k6 parent=k6
drv add r2 bus=b3 ids=a,b,c,d,e,f,g,x probe=-517 async=1 noprobe=1
drv devs r2
link add d3 d10 flags=sync_state_only,autoprobe_consumer,managed
dev init d9 bus=b3 id=x
probing trigger
dev add d12 bus=b3 id=x type=t9
drv del r1
sif add f2 bus=b2
hook r5 probe
dev add d8 bus=b2 parent=d11 driver=r3
ls bus/b3/devices
drv add r6 bus=b3 ids=q probe=-ESPIPE:1 sync_state=1
hook r6 remove dev set d3 id=y
link remove d3 d10
drv set r5 match=ids
dev put d6
link add d6 d10 flags=stateless,autoremove_consumer
write devices/d3/d5/d11/d8/driver_override \n
dev move d12 d3 order=before
link add d12 d12
stat class/c1/driver
bus finddrv b3 r5
write bus/b3/drivers_autoprobe add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed\n
write bus/b2/drivers/r3/bind remove\n
link add d9 d10 flags=stateless,autoremove_supplier,pm_runtime
