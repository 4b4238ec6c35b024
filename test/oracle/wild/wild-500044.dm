# wild program: theme async
bus add b1 notify=1 probe=0 sync_state=1 match=2
class add c2 attrs=dev:wo devattrs=aa
type add t2 devattrs=uevent:ro
dev add d1 name=éü bus=b1 id=x type=t2 probe=0 norelease=1
dev add d10 bus=b1 id=x suppress=1
dev add d4 bus=b1 id=y parent=d1 type=t2 devt=243:255 suppress=1
drv add r4 bus=b1 ids=x probe=-EPROTO devm=mg noremove=1
dev add d2 bus=b1 id=y
drv add r8 bus=b1 ids=x probe=-EINTR:1 devm=mf,mb,mh sync_state=1 shutdown=1
hook r8 probe dev del %-k
dev add d14 id=x parent=d2 class=c2
dev remove d14
reset
ls dev/char/245:0
sif del f1
dev online d1
dev release d1
sync pause
dev put d1
sif add f2 bus=b1
pm noirq=0
dev release d1
dev bind d1 r1
bus add b2 notify=1 remove=1 pm=1 uevent=-EPROTO battrs=aa:ro drvattrs=x-y_z,waiting_for_supplier:wo
link add d1 d1 flags=managed,sync_state_only,pm_runtime
link remove d1 d1
stat k1/aa
dev add d10 id=z
pm noirq=1
drv attach r1
cat devices/d10/da
dev remove d10
link add d10 d10 flags=stateless,managed,autoprobe_consumer
drv add r6 bus=b2 ids=x suppress_bind_attrs=1 noprobe=1
dev init d12 bus=b2 id=x probe=-EPIPE
drv add r7 bus=b2 ids=x match=-EFAULT async=1 sync_state=1
link add d12 d10
drv del r6
devres del d10 ga
dev rename d10 d1
dev init d4
devres dgroup d10 gb
devres rgroup d10 gb
devres close d10 gb
devres add d10 ma
devres add d10 mb
devres open d10 gb
shutdown
dev set d12 probe=-EPIPE
drv add r8 bus=b2 ids=y probe=-ENAMETOOLONG:1 devm=mg,mh,mb
pm noirq=0
dev add d14 bus=b2 id=z
dev register d12
pm noirq=0
dev offline d14
dev move d12 d10 order=last
dev add d5 bus=b2 attrs=aa:ro,ba:ro,driver:ro devt=240:0
dev release d5
dev add d11 bus=b2 id=x parent=d14
dev add d7 bus=b2 id=x parent=d11 attrs=driver,bb
drv del r10
bus add b1 notify=1 pm=1 battrs=uevent devattrs=uevent
dev set d5 id=y
stat bus/b2/drivers/r8/uevent
dev children_rev d14
link add d10 d14 flags=autoprobe_consumer
shutdown
bus set b2 dma=1
dev children d7
link add d14 d12
bus devs b8 start=d5
dev rename d11 n1
dev attach d12
dev find d4 d12
uevent d5 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=1 K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K3= K4= K5= K6=v K7=1 fill=1
link add d10 d10 flags=managed,stateless,sync_state_only
dev move d7 - order=last
drv attach r8
drv add r6 bus=b2 ids=x,y match=none-cb devm=md,mf,mc,mg,mh,me,ma,mb noremove=1 pm=1
hook r6 remove dev add %-k bus=b2 id=y parent=%
