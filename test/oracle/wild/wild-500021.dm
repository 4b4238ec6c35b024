# wild program: theme sysfs
bus add b1 probe=1 remove=1 override=1 battrs=bb:ro,driver:wo
bus add b2 probe=1 sync_state=1 uevent=1 battrs=aa:ro,uevent devattrs=x-y_z,aa:ro drvattrs=x-y_z:wo,bb:wo,ba
dev add d7 bus=b2 id=y suppress=1
dev add d11 bus=b1 id=z parent=d7
dev add d5 name=d9 bus=b2 id=y parent=d7
dev add d2 bus=b1 id=x
drv add r6 bus=b2 ids=a,b,c,d,e,f,g,x probe=defer:d11 match=1 sync_state=1 pm=1
dev add d3 bus=b2 parent=d5
dev add d10 id=z
readlink class/devlink
dev add d4 id=x parent=d3 probe=5
devres close d7 ga
devres add d7 mb
devres add d7 ma
devres open d7 gb
devres dgroup d7 ga
devres add d7 ma
readlink devices/d2
ls bus/b2/drivers/r6/d4
stat s1
ls bus/b2/drivers/r6/unbind
stat dev
class devs c1
write devices/d7/d9/uevent on
bus sort b1
write devices/d2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
readlink class/c1/online
bus set b2 dma=1
cat class/devlink
dev release d10
dev bind d10 r6
kobj create k1 name=k5
kset add s4 parent=k1 filter=1
write class/c1/online y
drv add r7 bus=b1 ids=q probe=defer:d5
sif del f1
bus set b1 dma=1
ls devices/d7/driver
write devices/d7/d9/driver_override \n
readlink k5/s4/k1
ls dev/block
cat class/devlink
dev rename d11 +x
write bus/b2/drivers/r6/bind d7
kset add s3 subsys=a-b
stat bus/b2/drivers/r6/module
kobj get k1
dev add d9 bus=b2 id=x parent=d11
write bus/b2/drivers_autoprobe 1
stat class/c1/d10/uevent
dev release d2
readlink xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
ls bus/b1/drivers/r7/uevent
ls k5/s4
cat dev/block
ls k5
dev rename d10 n1
ls k5/aa
write class/c1/+x/uevent d9
drv add r5 bus=b1 ids=z sync_state=1
dev init d1 id=y
shutdown
kobj uevent k1 add K0=1 K1=1 K2=1 fill=63
dev set d11 probe=-EPROBE_DEFER
cat k5/bb
dev attach d1
write class/c1/d1/uevent add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee
link remove d10 d4
stat devices/d7/d9/driver_override
dev release d9
ls devices
drv attach r7
dev add d6 bus=b1 id=z parent=d4
kobj get k1
hook r5 probe
bus add b3 notify=1 sync_state=1 override=1 offline=1 pm=0
dev init d12 bus=b1 id=x parent=d6
stat bus/b2/devices/+x
dev add d8 bus=b3 id=y
