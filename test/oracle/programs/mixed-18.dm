bus add b1 notify=1
drv add r1 bus=b1 ids=x,y sync_state=1
drv add r2 bus=b1 ids=x devattrs=bind
dev add d1 bus=b1 type=t1 parent=d3 devt=240:1 id=x class=c1 attrs=unbind:wo,dev:wo
dev add d2 bus=b1 class=c1 id=x
dev add d3 bus=b1 parent=d3 id=x class=c1
dev add d5 class=c1 parent=d6
sif del q2
probing unblock
intf add i1 class=c1
dev add d2 class=c1 id=y
write bus/b1/drivers/r3/bind d5\0x
ls dev/char/240:0
hook r1 probe uevent %
uevent d2 online B=z
write bus/b2/drivers/r3/bind d3\0x
kset list s1
drv add r2 bus=b1 shutdown=1 noremove=1 devm=ma,mb,mc probe=0
bus del b1
uevent d1 move B=z
kobj init k5 kset=s1
intf del i2
ls bus/b1/devices/d2
drv devs r2
bus del b1
bus del b1
dev add d1 id=x attrs=dev:wo probe=-517 class=c1
dev set d4
kobj create k4 parent=k5 name=k/y
kset find s2 k5
drv attach r1
bus del b1
drv attach r3
dev bind d1 r4
a=b
drv add r2 bus=b1 ids=y
bus add b1 notify=1 uevent=1 battrs=d2,device:ro
class add c1
dev add d1 parent=d5 bus=b1
dev children_rev d2
dev add d1 attrs=uevent class=c1 devt=241:3 id=y bus=b1 parent=d2
bus del b1
dev move d1
bus add b1 override=1 devattrs=bb:ro pm=1
devres add d4 ga
devres open d3 ma
kset find s1 k2
readlink devices/d3/c1/d1/device
write bus/b1/devices/d1/bind -EPROBE_DEFER
kobj uevent k3 move
intf del i1
bus add b1 battrs=own:ro drvattrs=d1:ro match=0 sync_state=1
dev add d2 bus=b1
class add c1
class add c1 devattrs=own:ro
dev register d2
drv attach r4
dev bind d1 r2
write bus/b2/drivers/r2/bind d2
dev del d4
dev find d3 n1
stat devices/d3/d1
bus finddrv b1 r1
dev drvattach d1 r2
dev bind d5 r2
class add c1
write bus/b1/drivers/r4/unbind d3\0
write bus/b1/drivers/r2/bind d2\0
bus del b1
stat k5/bind
deferred
dev drvattach d1 r2
dev init d5 class=c1 type=t2 parent=d1 attrs=drivers_probe
bus set b1 match=1
dev add d1 parent=d2 id=y bus=b1
kobj add k4 parent=k3 name=k1
write bus/b1/drivers/r3/unbind d2\0
write bus/b1/drivers/r3/bind d3\s
ls devices/d3/uevent/
dev remove d2
kobj add k3 parent=k5 name=k1
stat bus/b1/drivers/r2
dev add d1 parent=d6 bus=b1 class=c2 type=t2
dev add d5 bus=b1 attrs=d2
dev set d6 probe=-EEXIST:2
class add c1
class add c2 devattrs=device,uevent:ro,state_synced:ro
dev set d3 probe=-EPROBE_DEFER id=y
write dev/char \\ \t\s
dev add d5 id=x bus=b1 parent=d1 name=b1
bus add b1 devattrs=bind,unbind:wo notify=1 probe=1
devres rel d5 mb
deferred
drv add r2 bus=b1 ids=x
kobj create k3
ls bus/b1/devices
dev move d1
