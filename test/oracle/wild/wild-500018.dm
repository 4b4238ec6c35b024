# wild program: theme link
bus add b2 sync_state=1 override=1
class add c1 attrs=driver:wo
type add t3
drv add r6 bus=b2 ids=x,y,z probe=-EINTR:2 pm=1 attrs=own:wo
drv add r5 bus=b2 ids=x devm=md,mh,mf noremove=1 pm=1
dev add d9 name=d9 bus=b2 id=x class=c1 type=t3 devt=247:255 probe=0 norelease=1
dev add d10 bus=b2 id=x class=c1
dev add d7 bus=b2 parent=d10 probe=-EPROBE_DEFER:1
dev set d10 suppress=1
stat class/devlink
dev release d10
bus del b2
dev release d7
link add d9 d10
probing trigger
dev online d9
dev children d7
dev release d9
readlink devices/virtual/c1/d10/d7/online
link remove d9 d10
dev add d1 id=y parent=d7
dev children_rev d1
ls class/c1/d9
dev add d3 id=y parent=d1 class=c1 probe=0 norelease=1
link add d10 d10 flags=autoprobe_consumer
link add d10 d9 flags=autoprobe_consumer,managed
link add d3 d3
uevent d10 online K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=57
sync pause
write bus/b1/drivers/r5/unbind \sd7
link add d9 d9 flags=stateless,managed
dev put d9
link add d9 d1
intf del i1
uevent d10 bind K0=a:b
dev add d13 id=x parent=d3 attrs=subsystem:wo,dev:wo,waiting_for_supplier,ba:wo,da:wo,aa:wo
link remove d13 d3
drv add r7 bus=b1 ids=x,y probe=defer:d9 match=-EFAULT devattrs=aa:wo,own:wo
write bus/b1/drivers/r7 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed K0=0 K1=1 K2=2 K3=3 K4=4 K5=5 K6=6 K7=7 K8=8 K9=9 K10=10 K11=11 K12=12 K13=13 K14=14 K15=15 K16=16 K17=17 K18=18 K19=19
link remove d9 d1
sif add f1 bus=b1
link add d7 d1
sync resume
link add d10 d1 flags=managed
probing trigger
devres open d3 gb
dev drvattach d9 r5
link remove d9 d1
link add d10 d13 flags=managed,rpm_active
link remove d9 d1
write class/c1/d7 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed
dev rename d13 n1
dev drvattach d7 r6
