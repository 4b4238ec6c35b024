bus add b1 override=1 notify=1
class add c1 uevent=1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 devt=240:0 id=x
kobj create k1 kset=s1
dev add d2 bus=b1
dev remove d1
dev add d3 attrs=device norelease=1 bus=b1 type=t2 id=x
drv add r1 bus=b1 shutdown=1 devm=ma,mb probe=0 sync_state=1 match=1 ids=x
bus add b1 sync_state=1
dev init d6 bus=b1 id=y norelease=1
sif del q2
dev add d1 devt=240:0
kobj init k5 attrs=state_synced:ro,driver,aa:ro
bus add b1 drvattrs=c1,bind,aa:ro uevent=-EINVAL override=1
uevent d2 add A=1
drv add r1 bus=b1 probe=4001
sif add q1 bus=b1
ls devices/d2/uevent
dev init d6 bus=b1 devt=240:0 attrs=dev:wo parent=d1
dev find d4 n1
ls class
hook r2 remove drv set
dev set d2 probe=defer:d1 id=x
dev add d6 id=x bus=b2
uevent d3 bind A=1
dev add d4 id=y bus=b1
hook r2 probe devres add % hk
kobj create k3 kset=s1
class add c1 uevent=1
class add c2
dev set d6 probe=-EPROBE_DEFER:1
class del c2
write bus/b1/drivers/r2/unbind d1\n\n
sif add q2 bus=b1
uevent d5 bind A=1 fill=24
kobj uevent k4 move
dev attach d4
type add t1
bus rescan b1
dev add d4 bus=b1 id=y
probing unblock
dev add d5 class=c1 bus=b1 devt=240:0
readlink k1
kobj create k4
deferred
write bus/b2/drivers/r1/bind d3
dev init d4 name=n1 bus=b1 id=x
write bus/b1/drivers/r2/unbind d5\0x
drv add r1 bus=b1 ids=y
dev bind d4 r4
dev init d1 id=x
cat class/c1/d1/
write bus/b1/drivers/r1/bind d2\0
bus find b1 n1
write bus/b1/drivers/r2/bind d5
write class -EPROBE_DEFER
drv set r1 probe=0 devm=ma
dev children_rev d6
drv add r1 bus=b1 noprobe=1 probe=0 ids=x devm=ma,mb
kobj create k5 kset=s1
deferred
type add t2 uevent=1
kobj uevent k3 add A=1
drv add r2 bus=b1 ids=y
dev get d4
bus del b2
kobj uevent k2 move
kobj put k3
drv del r1
bus add b1 battrs=uevent:wo dma=-EIO notify=1 match=7
ls devices/d6/c2/d2/device
drv add r1 bus=b1 probe=-ENODEV:2 devattrs=bind,bb ids=x noprobe=1
devres rgroup d1 mb
hook r4 remove dev set % id=x
dev init d6 bus=b2 id=x norelease=1
kobj create k4
dev find d4 d2
uevent d1 online A=1
readlink devices/d6/
kobj create k2 parent=k1
bus del b1
write bus/b1/drivers/r2/unbind d1\s
drv attach r2
dev set d2 probe=-EBUSY:1 id=y
dev find d4 n1
class add c1
kobj put k4
kobj uevent k3 add A=1
ls bus/b1
readlink devices/virtual/c1/d3
drv add r1 bus=b1 ids=x,y devattrs=aa,bind pm=1 sync_state=1 probe=-EIO
dev put d5
drv attach r4
dev get d2
dev add d2 bus=b1 id=y attrs=bb,module
kobj uevent k1 move
dev bind d2 r3
class add c1 attrs=own uevent=1
cat devices/./d5
write bus/b1/drivers/r1/unbind d1\0x
uevent d1 offline A=1 B=z
dev remove d4
write class/c2 a\nb\n
dev children d4
class add c2 shutdown=1
kobj init k1 kset=s1
stat a b
dev add d3 bus=b1 id=x norelease=1
kobj add k2 parent=k3
class add c1 name=a/b uevent=1
dev children d6
intf del i2
probing block
devres add d3 ga
drv add r1 bus=b1 probe=4001
kobj uevent k4 move A=1
dev reprobe d5
bus add b1 notify=1 match=0 devattrs=bb
drv add r1 bus=b1 ids=x noremove=1 devattrs=uevent:ro
dev init d5 name=aa bus=b1 type=t2
drv add r1 bus=b1 shutdown=1 devattrs=module,bb probe=-ENODEV ids=x,y suppress_bind_attrs=1 pm=1
