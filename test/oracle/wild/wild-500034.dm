# wild program: theme mixed
bus add b1 sync_state=1 offline=1 devattrs=subsystem:wo
bus add b3 notify=1 remove=1 match=-EIO devattrs=cc,aa,uevent:ro
class add c2 uevent=1 pm=1
type add t3 uevent=1
dev add d5
drv add r1 bus=b3 ids=y devm=md,me sync_state=1
drv add r2 bus=b3 async=1 shutdown=1
dev add d6 bus=b1 id=x attrs=uevent
dev add d13 bus=b1 class=c2 attrs=aa:ro,ba:ro,waiting_for_supplier probe=-EPROBE_DEFER
dev add d10 bus=b3 id=x class=c2 attrs=dev
drv add r5 bus=b1 ids=a,b,c,d,e,f,g,x sync_state=1 pm=1
ls devices/d5/nosuch
write dev/char/242:7 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee
drv del r1
write bus/b1/drivers/r5/unbind d5
readlink class/c2/d6
intf add i1 class=c2
dev reprobe d13
kobj create k8 attrs=subsystem:wo,ba:wo
drv attach r2
dev add d9 bus=b1 id=z
dev reprobe d13
kset add s3 parent=k8 filter=0
deferred
dev add d1 x=1
dev set d10 probe=0
drv add r6 bus=b3 ids=x probe=defer:d10 devm=me,mg,ma sync_state=1
drv add r8 bus=b1 ids=x probe=-19 match=1 devm=mg sync_state=1 devattrs=aa,subsystem,own:wo
readlink k8/s3
write bus/b1/drivers/r5/bind 2
write bus/b3/drivers/r6/bind d10
pm noirq=0
bus set b3 dma=1
link add d13 d9 flags=autoremove_consumer
dev add d7 bus=b3 id=y
bus add b2 pm=1 uevent=-EAGAIN devattrs=ba
devres rgroup d7 ga
devres close d7 gb
devres add d7 ma
