bus add b1 devattrs=d1,module
drv add r1 bus=b1 ids=x
drv add r1 bus=b1 ids=x,y probe=0 devm=ma,mb
drv add r2 bus=b1 ids=x devm=ma,mb probe=5:2
dev add d1 bus=b1 id=x parent=d2
kobj create k1 attrs=state_synced kset=s1
dev release d2
dev add d6 id=x bus=b1
hook r4 probe dev add %
class add c2 devattrs=unbind,uevent:wo attrs=r1,own:wo uevent=1
readlink devices/virtual/c2/d6
kobj uevent k5 move
dev add d1 id=x type=t2 class=c1 parent=d2 bus=b1 probe=defer:d5
kset find s1 k2
intf del i1
bus
bus sort b1
ls bus/b1/uevent
kobj init k1
kobj create k5 kset=s2
bus add b1 uevent=1 devattrs=own:wo override=1
cat devices/d6/c1/d6/device
kobj del k1
class devs c1
bus del b1
write bus/b1/drivers/r3/unbind d3\0
dev add d6 id=y type=t2 bus=b1 devt=240:1 probe=517
write devices/d1/uevent
bus set b1 dma=1
dev init d3 parent=d6 id=x bus=b1 devt=241:3
cat 
dev release d1
deferred
class devs c1
dev drvattach d3 r3
readlink /x
devres add d1 mb
hook r1 probe uevent % change A=%
kobj create k3
bus devs b1 start=d9
type add t2 devattrs=uevent:ro,uevent:ro
kset list s1
devres rel d3 mb
bus del b1
dev add d2 id=x
dev add d2 type=t1 id=x bus=b1 probe=defer:d2
bus del b1
hook r4 probe dev add %-k id=x bus=b1
kset add s1 uevent=-EIO
kobj get k3
bus finddrv b1 n1
dev add d2 attrs=aa,bb:wo id=x
intf del i1
write bus/b1/drivers/r3/bind d6\n\n
dev set d3
uevent d3 change
uevent d2 change
bus sort b1
bus add b1 shutdown=1 notify=1
dev add d1 name=c1 bus=b1
write class/c1/d2/ \n
write devices -EIO\n
dev attach d2
write bus/b1/drivers/r2/bind d5
bus add b1 notify=1 name=x/y override=1 uevent=1 shutdown=1
drv add r1 bus=b1 devm=ma attrs=waiting_for_supplier,removable,bind probe=-EPROBE_DEFER ids=x,y
readlink devices/./d1
kobj uevent k2 move
stat devices/virtual/c2
write devices/d6/dev -4001
drv add r4 bus=b1 probe=0 ids=x,y
drv devs r1
kobj add k4 parent=k4 name=kx
kobj create k2 parent=k3
bus devs b1
drv add r2 bus=b1 devm=ma,mb,mc probe=-EPROBE_DEFER:1 ids=y devattrs=state_synced
deferred
devres add d1 mb
write bus/b1/drivers/r2/bind d6\0
sif del q2
dev add d5 parent=d1 driver=r1 type=t1 id=x bus=b2
drv add r2 bus=b1 pm=1 ids=y devattrs=aa
bus add b1 match=1 uevent=-EINVAL dma=1 override=1
dev put d1
dev init d4 attrs=r1:wo norelease=1 devt=254:255 bus=b2 id=x parent=d6 probe=0
ls bus
dev children d1
uevent d2 move
dev remove d1
bus add b1 devattrs=new_id:wo remove=1 drvattrs=driver_override pm=1 dma=1 probe=1
readlink devices/d3/driver_override
dev attach d5
type add t2
deferred
probing block
write bus/b1/drivers/r1/bind d5
stat class/c1/d1
dev add d1 bus=b1 d2
hook r1 probe cat devices/%/uevent
dev add d4 id=y name=uevent attrs=online:wo bus=b1 parent=d1
dev set d3 id=x probe=-EPROBE_DEFER:1
kset add s1 filter=0
write devices/d3/dev \n
readlink k4
dev add d2 bus=b1 id=y
readlink devices/virtual/c1/d2/subsystem
ls devices/d2/c1
hook r1 probe drv set r1 probe=defer:d4
write s1 r2
drv attach r1
write bus/b1/drivers/r4/bind d4\n\n
kobj create k1 name=kx parent=k2
write bus/b1/drivers/r4/bind d1
