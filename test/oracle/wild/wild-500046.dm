# wild program: theme class
bus add b3 notify=1 shutdown=1
class add c3 attrs=cc:ro,dev,bb,da,online:wo,own shutdown=1
type add t3 uevent=1 devattrs=bb:wo
dev add d10 id=x class=c3 type=t3 probe=0
drv add r5 bus=b3 ids=x,y,z probe=defer:d10 devm=mb attrs=driver_override:wo,subsystem:ro,dev
dev add d2 bus=b3 id=x parent=d10 class=c3 type=t3
dev add d13 bus=b3 id=x parent=d2 class=c3 norelease=1
stat devices/virtual/c3/d10/d2
dev release d10
write bus/b3/drivers_autoprobe add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed K0=0 K1=1 K2=2
write bus/b3/drivers_autoprobe 1\n
dev attach d2
dev release d2
dev bind d2 r5
stat dev/char
dev add d8 bus=b3 class=c3
dev drvattach d10 r5
dev release d13
dev move d2 d10
drv add r1 bus=b3 ids=x probe=0
hook r1 remove uevent % add A=1
drv del r1
dev find d2 d13
bus rescan b3
dev add d4 bus=b3 id=x class=c3 attrs=aa:ro
devres open d13 ga
hook r5 probe
dev offline d2
dev add d1 bus=b3 parent=d10
dev get d13
cat k1/aa
drv add r8 bus=b3 ids=x,y probe=-4000 async=1 devattrs=online
dev move d1 -
write bus/b3/drivers_probe d1
drv add r6 bus=b3 ids=z
hook r6 remove devres add % ma
