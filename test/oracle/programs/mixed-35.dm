bus add b1 notify=1
class add c1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x devm=ma,mb
dev add d1 bus=b1 devt=240:1 id=x attrs=subsystem,uevent
dev add d2 bus=b1 id=x type=t1 class=c1
dev add d3 bus=b1 devt=240:1 id=x parent=d1
dev add d4 bus=b1 parent=d2 id=x
kobj create k1 parent=k3
dev add d2 bus=b1
class devs c2
kobj uevent k2 remove
dev add d3 id=x name=d2 bus=b1
dev set d1
class add c1 attrs=bind:ro
type add t1 uevent=1
drv add r1 bus=b1 ids=x noremove=1
class del c1
drv add r2 bus=b1 sync_state=1 probe=0 ids=x suppress_bind_attrs=1
bus del b1
bus del b1
devres rel d3 ga
kobj add k4
readlink devices/d4/subsystem
dev init d4 name=x/y bus=b1 id=x
write class/c1/d5/device add
write bus/b1/drivers/r2/bind d6\n\n
dev remove d5
write devices/d1/uevent/ unbind fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2
devres rgroup d6 ga
write bus/b2/drivers/r2/bind d1
ls devices/d3/subsystem
bus add b1 override=1
devres del d1 ma
bus drvs b1
dev reprobe d4
write devices/d6/unbind -5
write bus/b2/drivers/r1/bind d4\n
kobj create k3
devres rel d1 ma
probing block
bus add b1 uevent=-EINVAL dma=1
write bus/b1/drivers/r1/bind d2\n\n
bus drvs b1
devres rel d4 ma
kobj create k1 kset=s2
dev register d3
dev find d3 d6
dev reprobe d2
kset add s1 uevent=1
class del c1
class add c2
hook r4 probe dev set % id=y
probing unblock
write bus/b1/drivers/r1/bind d1\0x
bus del b1
dev add d1 attrs=r1:ro suppress=1
uevent d3 change fill=20
kobj uevent k4 add
write bus/b1/drivers/r1/bind d6\n
dev add d5 id=x bus=b1 suppress=1 devt=254:255 parent=d1
dev init d1 parent=d5
sif add q2 bus=b1
kobj create k5
write class/c1/unbind -4001
drv add r1 bus=b1 match=none-cb
dev add d3 id=y class=c1 parent=d3 type=t1 bus=b2
dev put d1
bus add b1 remove=1 uevent=-EINVAL override=1
readlink bus/b1/drivers/r3/d6
bus devs b1
dev add d3 devt=241:3 id=y bus=b1
ls bus/b1/devices/d2/subsystem
dev find d5 d2
bus del b2
hook r1 probe dev set d3 probe=0
ls bus/b1/devices/d1/uevent
kobj del k3
drv attach r1
kset find s1 k2
kobj add k1 name=kx
write devices/d6/unbind -EPROBE_DEFER
   bus drvs b1
uevent d3 online B=z
kobj create k3 attrs=d2 kset=s2
dev children d1
drv del r1
bus rescan b1
kobj get k1
write bus/b1/drivers/r1/unbind d5\0
type add t2
stat bus/b1/drivers/r4/uevent
bus add b1 notify=1 override=1
devres add d3 ga
drv add r4 bus=b1 noprobe=1 ids=x devm=ma,ma
dev bind d1 r4
hook r1 probe dev del %
bus add b1 probe=1 notify=1 uevent=1
class add c2
kobj init k5
stat bus/b1/drivers/r1/unbind
dev del d3
bus del b1
kobj uevent k2 add A=1
devres rgroup d4 ma
drv devs r2
kobj create k2 kset=s1
dev del d4
hook r1 remove cat devices/%/uevent
ls devices/d1/uevent/
