bus add b1 uevent=1
drv add r1 bus=b1 ids=x
class add c1
kset add s1 uevent=1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y sync_state=1 devattrs=driver
drv add r2 bus=b1 ids=x probe=-517
dev add d1 bus=b1 devt=240:1 parent=d6 id=x
dev add d2 bus=b1 attrs=unbind,bind:ro,bind:wo class=c1 id=x
dev add d3 bus=b1 id=x
dev add d4 bus=b1 type=t1 parent=d1 id=x
dev add d5 class=c1
kobj create k1 parent=k1
ls devices/d2/c2/d1
class add c1 pm=1
bus sort b2
drv add r3 bus=b1 noremove=1 match=1 ids=x
kobj init k1 attrs=uevent,uevent,device
dev put d2
uevent d1 bind MODALIAS=m
dev init d4 type=t1 bus=b1 class=c2 norelease=1
kobj uevent k3 online
uevent d2 add A=1
class add c2
dev bind d5 r1
dev add d5 devt=254:255 parent=d2 bus=b1 id=x
dev find d4 n1
dev add d2 name=n1 norelease=1 attrs=bind id=y
probing block
uevent d1 remove
dev add d4 bus=b1 class=c2 id=y devt=254:255
write devices/virtual/c1/d1/subsystem add 
uevent d2 remove B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
bus del b1
dev children d3
readlink bus/b1/drivers/r1/driver
kobj get k3
dev add d1 name=c1 bus=b1 type=t2 id=y
bus add b2 notify=1 drvattrs=drivers_probe,unbind pm=1 uevent=-EINVAL
dev find d2 d2
cat devices/d1/
kobj add k1
uevent d1 add fill=x
cat bus/b1/drivers
write devices/../bus \n\n
bus del b1
dev get d4
drv attach r3
uevent d3 move A=1
ls devices/./d2
dev add d1 devt=1:1
dev set d3 suppress=1 id=x
dev find d3 d4
sif del q2
cat class/c2/d4/
dev add d1 attrs=device parent=d2 bus=b1 type=t1
class del c1
write bus/b1/drivers/r2/unbind d1\0
bus set b1 match=1
dev del d1
kset find s2 k5
dev set d4 id=y probe=5
dev add d5 name=d1 id=y bus=b1
kset add s1 uevent=1
dev init d2 id=x class=c2 driver=r1 bus=b1
drv add r1 bus=b1 shutdown=1 ids=x
dev reprobe d3
stat class/c1/d4/
dev attach d3
write bus/b1/drivers/r4/d3 add \0
dev add d4 class=c1 parent=d4 name=r1 id=y attrs=unbind:wo,devices
class del c1
dev add d2 bus=b1 attrs=aa:wo,bind
kobj uevent k5 offline
drv add r1 bus=b1 ids=y
sif add q1 bus=b1
drv add r3 bus=b1 sync_state=1 name=r2 ids=x
dev register d6
ls devices/d2/driver
dev attach d1
bus add b1 pm=1 drvattrs=bind probe=1 uevent=1
readlink devices/d3/uevent/x
deferred
bus del b1
dev add d1 bus=Bad
devres rgroup d1 ma
uevent d3 bind A=1
drv add r1 bus=b1 probe=defer:
kobj del k1
write bus/b1/drivers/r3/bind d2\0x
deferred
dev get d2
uevent d3 add A=1 B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
kobj put k4
kset add s1 parent=k3 subsys=- uevent=1
deferred
kobj put k2
bus devs b1 start=d2
uevent d1 unbind A=1
hook r1 remove devres rel % ma
dev register d2
write bus/b1/drivers/r4/bind d1
kset find s1 k4
drv add r3 bus=b1 ids=x noremove=1 devm=ma
devres rel d1 ma
bus add b1 notify=1 dma=1 battrs=own:wo,r1:ro probe=1 uevent=1 drvattrs=bind,bind:wo,bind:wo
drv add r3 bus=b1 ids=y match=1 probe=-4000:0 devattrs=driver_override:ro,aa
write devices/d1/device 0
probing trigger
drv add r1 bus=b1 devm=ma,ma ids=x sync_state=1
write bus/b2/drivers/r1/bb change
