bus add b1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y sync_state=1 probe=5:0
drv add r2 bus=b1 ids=x devm=ma,mb probe=0
dev add d1 bus=b1 id=x type=t1 class=c1
dev add d2 bus=b1 id=x parent=d2 type=t1
dev add d3 bus=b1 id=x type=t1
dev add d5 class=c1 parent=d5
drv add r4 bus=b1 probe=0 ids=x
drv add r3 bus=b1 probe=-EPROBE_DEFER:1 noremove=1 ids=x
class add c1 shutdown=1
write bus/b1/drivers/r1/bind d1\0x
intf del i2
write bus/b1/drivers/r2/unbind d1\s
write bus/b1/drivers 1
kobj uevent k4 bind A=1
dev init d2 bus=b1 id=x
dev set d1 probe=0
class add c1
dev remove d5
kobj add k1 parent=k2 name=kx
write bus/b1/drivers/r2/bind d6\0x
drv add r2 bus=b1 ids=x,y name=d1 devm=ma,mb
drv attach r2
readlink devices/d1/uevent/x
kobj del k5
uevent d2 bind
dev add d4 bus=b1 class=c1 name=d2 parent=d3
readlink /x
probing
dev add d6 id=x probe=0 bus=b1 parent=d3 name=aa
write bus y
sif add q1 bus=b1
ls
uevent d4 online fill=18 A=1
uevent d2 bind A=1
deferred
class add c1 uevent=1
dev del d1
dev add d1 bus=Bad
dev add d2 bus=b1 id=x probe=-EPROBE_DEFER:1
dev add d3 suppress=1 bus=b2 devt=240:1
dev add d5 bus=b1 suppress=1 id=y
intf del i2
bus add b1 dma=1 remove=1
bus add b1 battrs=a,b,c,d,e,f,g
class add c2 uevent=1
write bus/b1/drivers/r4/unbind d4
dev init d4 name=n1 id=y bus=b1
intf del i1
bus rescan b1
drv add r1 bus=b1 attrs=bind:ro probe=5:1
class add c1 devattrs=unbind,own:ro,driver_override
write bus/b2/drivers/r2/unbind d2\0x
bus finddrv b2 r2
kobj create k1 attrs=drivers,aa:wo,uevent kset=s1
uevent d5 offline B=z
drv del r1
drv add r2 bus=b1 probe=-EPROBE_DEFER
write bus/b1/drivers/r4/bind d4\0x
bus add b1 override=1
sif add q1 bus=b1
hook r2 remove uevent %
bus add b1 probe=1 notify=1 pm=1 shutdown=1 uevent=1 devattrs=drivers_probe
dev init d1 bus=b1 parent=d4 name=d2 id=x
intf del i2
dev set d1
class add c2
uevent d2 unbind A=1
ls devices
hook r2 remove dev add %-k id=x bus=b1 parent=%
ls devices/d2/
class del c1
bus sort b1
write bus/b1/drivers/r1/unbind d6\n\n
kobj uevent k5 unbind A=1
dev add d1 norelease=1
dev find d3 d1
kobj init k4
dev release d4
kset del s1
dev add d1 bus=b1 id=x attrs=subsystem
dev add d1 id=y parent=d3
dev del d4
dev get d2
dev add d1 name=aa class=c1 attrs=drivers_autoprobe,drivers_probe parent=d4
drv add r4 bus=b1 ids=x,y attrs=removable,uevent
dev init d3 type=t2 bus=b1 parent=d2 id=x
devres dgroup d3 mb
dev init d5 type=t2 name=b1
ls k4
dev init d3 id=x class=c1
kobj uevent k2 offline
kobj init k3 kset=s2
sif del q1
bus rescan b2
ls devices/d1/unbind
kobj get k1
dev put d1
dev set d3 probe=0 id=x
hook r3 probe uevent % change A=%
