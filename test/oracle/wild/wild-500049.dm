# wild program: theme mixed
bus add b3 notify=1 remove=1 match=0 uevent=1 drvattrs=dev,own:ro
type add t1 uevent=1
dev add d5 bus=b3 id=x type=t1 attrs=ba
dev add d7 bus=b3 id=x parent=d5 attrs=dev:ro,x-y_z:ro probe=0
dev add d3 bus=b3 id=y probe=0 suppress=1
drv add r6 bus=b3 ids=x probe=0 devm=me,md,mh,mf,mg,mc,mb,ma pm=-EPIPE
dev add d1 bus=b3 id=x probe=0
dev add d12 id=x
dev add d2 name=a.b id=y parent=d7
drv add r7 bus=b3 ids=x match=1 shutdown=1 noremove=1
hook r7 remove drv set r7 match=1
drv add r4 bus=b3 ids=q probe=defer:d1 shutdown=1 devattrs=ba:ro
hook r4 probe dev add %-k bus=b3 id=x
drv add r5 bus=b3 ids=x,y,z probe=0 async=1 pm=-ELOOP
hook r5 probe dev add %-m bus=b3 id=y
link add d1 d12 flags=stateless
bus rescan b3
cat k1/bb
drv attach r5
bus rescan b3
kobj create k6 attrs=subsystem,driver_override:wo,da
dev init d8 bus=b3 id=x probe=0
bus sort b3
class add c1 uevent=1
dev move d7 d7
write class/c1 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed
sync pause
intf del i1
drv add r3 bus=b3 name=r1 ids=y probe=-ELOOP sync_state=0
dev move d1 d3 order=last
drv add r1 bus=b3 ids=a,b,c,d,e,f,g,x sync_state=1 noremove=1
dev init d4 bus=b3 id=z parent=d2 attrs=cc,subsystem
dev move d7 - order=last
dev add d9 bus=b3 id=y
ls bus/b3/devices/d9/dev
uevent d7 move K0=1 fill=0
bus add b1 offline=1 match=-ENOTDIR dma=-EAGAIN drvattrs=bb:wo
link remove d1 d12
readlink class/c1/d7
intf del i1
probing trigger
link add d4 d3
kset add s3 parent=k6 uevent=-E2BIG
intf add i1 class=c1
devres open d2 ga
devres close d2 ga
devres rel d2 ma
devres rgroup d2 gb
devres add d2 ma
devres dgroup d2 gb
bus set b3 uevent=1
dev attach d7
sif add f1 bus=b1
write bus/b3/drivers_autoprobe 1
dev register d4
dev register d8
dev attach d7
link add d9 d4 flags=stateless
