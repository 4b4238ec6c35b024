# wild program: theme obj
bus add b2 notify=1 shutdown=0 match=-EPROBE_DEFER dma=1 battrs=waiting_for_supplier:ro,bb:wo,cc:ro
class add c3 uevent=1 attrs=ba
dev add d10 bus=b2 id=z probe=-EPROBE_DEFER:1
dev add d12 id=x class=c3
dev add d4 bus=b2 id=z parent=d12 suppress=0
dev add d2 bus=b2 id=z
dev add d6 bus=b2 id=x parent=d4
drv add r6 bus=b2 ids=a,b,c,d,e,f,g,x devm=me,mb async=0
type add t2 uevent=1 devattrs=ba,dev:ro
drv del r6
write bus/b2/drivers/r1/d10
dev add d5 bus=b2 id=z attrs=subsystem:wo
type add t3
devres open d2 gb
dev del d6
bus devs b2
drv del r1
dev add d11 bus=b2 probe=-EPROBE_DEFER:3
write devices/d11/uevent add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed K0=0 K1=1 K2=2 K3=3 K4=4 K5=5 K6=6 K7=7 K8=8 K9=9 K10=10 K11=11 K12=12 K13=13 K14=14 K15=15 K16=16 K17=17 K18=18 K19=19
bus set b2 match=2
bus add b1 probe=1 battrs=driver_override:wo
dev add d8 bus=b2 id=x
dev attach d12
dev release d11
link remove d12 d8
bus set b1 match=-EACCES
dev offline d12
ls bus/b2/drivers/r10
dev add d1 bus=b2 id=x parent=d12
dev add d13 bus=b2 id=x parent=d1 class=c3 type=t2 norelease=1
write bus/b1/drivers/r1/bind add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed\n
dev set d8 suppress=0
write bus/b1/drivers/r1/bind d5
sync pause
bus rescan b2
class add c1 uevent=1 shutdown=1
dev add d3 bus=b2 id=y parent=d10 type=t3 attrs=uevent:ro,cc:wo,online
link add d3 d12
drv add r5 bus=b1 probe=-EPROBE_DEFER:3 shutdown=1
hook r5 remove link add % d8 flags=autoremove_supplier,autoprobe_consumer
write devices/d2/uevent add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1\n
drv add r2 bus=b1 ids=x probe=-EPROBE_DEFER:2 async=1 shutdown=1 pm=1
ls k1/online
drv add r1 bus=b2 ids=x,y,z match=0 devm=mf,mh sync_state=1
type add t1 uevent=1 devattrs=uevent,da,x-y_z:ro,ba:ro,bb:wo,dev:wo
dev move d7 d3
write devices/virtual/c3/d12/d1/uevent 2
stat bus/b1/drivers/r5/module
dev set d12 id=x probe=0
cat dev
drv add r3 bus=b1 name=r1 ids=x async=1 shutdown=1 devattrs=ba:wo,driver:ro,cc:ro,bb,driver_override,x-y_z
stat k1
dev add d6 id=y parent=d3 class=c1 suppress=1
kset del s1
write devices/d11/consumer:b2:d3 d3
dev find d1 d11
readlink k1/uevent
bus find b1 d13
dev init d7 bus=b2 id=x parent=d5 attrs=dev:wo,ba,online:wo,own,bb:wo,subsystem:wo
dev set d10 probe=defer:d11
dev release d12
dev reprobe d3
drv add r7 bus=b2 ids=y probe=-ENOENT devm=mg,me,ma,mb,mc,mh,mf,md async=1 attrs=cc:wo,ba:wo,driver_override:wo,online:wo,dev,aa
hook r7 probe dev add %-m bus=b2 id=x parent=%
write bus/b1/uevent 1
drv add r4 bus=b1 ids=z devattrs=da:wo,driver:wo,subsystem,own,ba,x-y_z
write bus/b2/drivers/r1/unbind d13
write bus/b2/drivers_autoprobe add\0
stat k1/ba
bus add b3 notify=1 remove=1 sync_state=1 uevent=-ETIMEDOUT drvattrs=uevent:ro,aa:wo,subsystem:ro
sif add f3 bus=b1
dev add d9 bus=b2 id=z parent=d4 class=c1
drv del r7
shutdown
class add c2 attrs=driver:ro,cc,subsystem:wo devattrs=cc:ro
drv add r7 bus=b1 ids=x,y,z probe=defer:d2 attrs=driver,ba,aa:ro,dev:wo,da,uevent
probing block
bus sort b3
bus rescan b2
