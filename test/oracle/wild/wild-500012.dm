# wild program: theme link
bus add b3 notify=0 override=1
bus add b1 uevent=1
class add c1 name=d1 uevent=-ENOTEMPTY attrs=driver:wo,cc:ro,waiting_for_supplier:ro,dev,aa:wo,ba devattrs=subsystem
type add t1 uevent=-ENODATA
drv add r1 bus=b3 ids=a,b,c,d,e,f,g,x probe=defer:d1 sync_state=1
dev add d12 bus=b3 id=y
dev add d1 name=x/ bus=b3 id=y type=t1 driver=r1 norelease=1
drv add r2 bus=b1 ids=x,y probe=defer:d1 match=0 pm=1
dev add d2 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678 bus=b1 id=z
drv add r6 bus=b1 name=%d ids=x,y devm=mf,ma,mh sync_state=1
dev add d13 bus=b1 id=z
dev add d9 id=y parent=d13
dev add d7 bus=b1 id=z parent=d9 class=c1
drv add r8 bus=b3 name=%s ids=x devm=mc sync_state=1 devattrs=driver_override:wo
hook r8 probe dev add %-k bus=b1 id=y parent=% class=c1
class del c1
uevent d9 move K0=v K1= K2=v K3=1 K4=a:b K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6= K7= K8=1 K9=1 K10=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K11= K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13=1 K14= K15=a:b K16=a:b K17=v K18=a:b K19=v
link add d2 d7
sync pause
pm
dev find d2 d7
link add d1 d7 flags=pm_runtime,sync_state_only,autoprobe_consumer
write dev add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee
dev release d7
stat devices/d13/driver
dev put d2
write bus/b3/drivers/r1/module add\0
dev move d7 d7 order=last
probing block
link add d9 d2 flags=autoremove_consumer,autoremove_supplier
link add d7 d13 flags=sync_state_only,autoremove_supplier,autoremove_consumer
ls bus/b1/drivers/r2/d12
ls devices/nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678/supplier:b1:nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
dev del d1
dev get d13
dev add d6 name=A id=x class=c1
link add d1 d12
write bus/b3/drivers/r1/unbind A
link add d7 d1
link add d2 d1 flags=autoremove_supplier,rpm_active,autoremove_consumer
dev reprobe d2
link remove d7 d13
