bus add b1
drv add r1 bus=b1 ids=x
class add c1
drv add r1 bus=b1 ids=x,y devm=ma,mb probe=-EPROBE_DEFER
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x
kobj create k1 kset=s1
kobj create k2 kset=s1
kobj create k3 parent=k3 kset=s1
bus finddrv b1 n1
type add t1 uevent=1
kobj get k5
bus del b1
write devices/d3/c1/d5 1
devres add d3 mb
dev init d3 name=x/y bus=b1 norelease=1 id=x
kobj put k1
hook r4 remove dev add %-k probe=0 attrs=own,bind:ro,bind bus=b1 id=y parent=%
dev set d1
dev find d2 d1
class del c2
dev init d5
uevent d2 move
write bus/b2/drivers/r1/unbind d5\0x
write bus/b1/drivers/r1/unbind d2\n
cat bus/b1/drivers/r2/aa
kobj del k3
sif del q2
dev del d5
bus set b1 match=none-cb
deferred
dev add d2 name=d2 parent=d4 bus=b2
hook r1 probe uevent %
stat class/c1/driver
intf del i1
dev add d3 bus=b1 id=y probe=-EPROBE_DEFER
uevent d4 offline
dev add d2 id=x parent=d6 class=c1
bus sort b1
intf del i1
bus add B1
bus del b1
write bus/b1/drivers/r1/bind d2\0x
write bus/b2/devices/d4/subsystem add \0
write bus/b1/drivers/r1/bind d1\s
kobj create k3
hook r3 probe bus rescan b1
stat /x
dev add d1 norelease=1
kobj create k4 kset=s2
class add c1
probing trigger
drv attach r1
drv set r2
dev drvattach d2 r3
sif del q1
stat k3/driver
bus find b1 x!y
bus del b1
class add c1 devattrs=own
kobj create k3 attrs=bind:wo,bb,r1:wo
bus add b1 sync_state=1 battrs=aa override=1 probe=1 dma=1
dev init d6 probe=-EPROBE_DEFER:1 id=x parent=d4 suppress=1 driver=r4 bus=b1 attrs=bind:ro
dev init d3 driver=r1 attrs=bind:ro,own:wo id=x bus=b1 class=c2 norelease=1
drv del r1
bus add b1 remove=1 uevent=-EINVAL notify=1
drv add r3 bus=b1 ids=y probe=0 attrs=unbind,own,bind suppress_bind_attrs=1
dev release d2
bus find b1 n1
write bus/b1/drivers/r1/bind d1\n\n
devres dgroup d1 ma
write bus/b1/drivers/r3/bind d1\n\n
dev init d2 parent=d2
write bus/b1/drivers/r1/bind d5\0x
hook r1 probe dev del %
dev init d2 devt=241:3 bus=b1 attrs=bind:ro id=x
stat bus/b1/devices
hook r1 probe drv set r4 probe=0
kobj add k4 parent=k4
hook r4 probe dev del %-k
devres del d1 ma
sif del q1
drv set r2 ids=y probe=0
write bus/b1/drivers/r1/bind d2
dev set d1 probe=-EPROBE_DEFER:1
class del c1
kobj uevent k4 change
intf del i2
bus del b1
dev add d6 class=c1 bus=b1 id=y probe=0
class add c2 attrs=bb,bind:ro uevent=1
ls bus/b1
dev init d2 parent=d2 probe=defer:d3 id=x
dev init d1 bus=b1 id=x attrs=bind:wo probe=-EPROBE_DEFER
probing unblock
