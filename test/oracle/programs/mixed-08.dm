bus add b1 override=1 uevent=1
kset add s1 uevent=1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x
dev add d2 bus=b1 parent=d2 id=x devt=240:0 attrs=unbind:wo
dev add d3 bus=b1 parent=d4 id=x
dev add d4 bus=b1 id=x
kobj create k1 parent=k4
kobj create k2 kset=s1
kobj create k3 kset=s1
dev add d1 class=c2 parent=d2 id=x type=t1 bus=b2
cat devices/d1/c1/d5
drv add r2 bus=b1 probe=defer:d1 devm=ma ids=x
bus del b1
class add c1 uevent=1 shutdown=1 attrs=removable
kobj create k2 parent=k3
dev register d5
dev children_rev d1
probing block
kset find s1 k1
dev reprobe d3
intf del i2
kobj uevent k1 move A=1
devres del d4 ma
dev add d2 bus=b1 class=c1 id=x
dev set d1 suppress=1
kobj put k2
write bus/b1/drivers/r3/bind d3\0x
drv del r1
dev del d3
kobj create k4 parent=k5 kset=s1
readlink devices/d1/subsystem
kobj init k3
bus drvs b2
devres del d3 ga
intf del i1
class add c1 devattrs=removable
dev add d3 bus=b1 probe=0 parent=d6
deferred
dev get d6
dev set d1 id=x
drv devs r1
dev add d3 id=y probe=defer:d2 bus=b1
dev set d4 probe=1:0
dev attach d1
dev add d2 id=x type=t1 bus=b1 probe=defer:d1
deferred
probing block
stat class/c2
class add c1 uevent=1
bus del b1
bus rescan b1
dev add d5 class=c2 devt=241:3 id=y probe=-EPROBE_DEFER parent=d2 attrs=driver:wo,drivers
drv set r1 probe=0 devm=ma
hook r2 remove drv set r2 probe=-EAGAIN:0
dev children d5
dev reprobe d3
hook r2 probe uevent % change A=%
hook r3 remove drv set
bus add b1 match=none-cb dma=1
dev reprobe d1
kobj get k2
readlink devices/virtual/c1/d1
hook r1 remove devres add % hk
write bus/b1/drivers/r1/bind d3\s
devres add d1
ls  x
kobj del k5
stat devices/d2/uevent/
class add c1 attrs=aa uevent=1
uevent
devres rgroup d6 ma
hook r2 remove
readlink class
uevent d2 online MODALIAS=m
write bus/b1/drivers/r2/unbind d1\0x
bus drvs b1 	
drv devs r2
hook r3 remove dev set d3 probe=-EBUSY
bus add b1
hook r1 probe cat devices/%/uevent
kobj uevent k3 online
stat bus/b2/uevent
kobj del k5
dev add d2 type=t1 id=y
write dev/char/240:0 \n
cat s1/k4
bus add b1 override=1 notify=1
drv add r1 bus=b1 ids=x
class add c1 devattrs=physical_location
dev reprobe d3
kobj uevent k1 add
dev register d3
ls class/c1/driver
probing unblock
dev find d1 n1
drv add r3 bus=b1 probe=0 ids=x shutdown=1 name=r1
kobj add k2
kobj uevent k1 add A=1
hook r4 remove dev del %-k
type add t2
write bus/b1/drivers/r2/bind d6\n
write devices/./d6 \q
drv add r1 bus=b1 ids=x,y
kobj uevent k1 move
write devices/d3/c2 unbind fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eedx
bus del b1
hook  r1 probe
uevent d2 bind A=1
uevent d1 online
sync
