bus add b1
class add c1 uevent=1
drv add r1 bus=b1 ids=x,y probe=0 sync_state=1
drv add r2 bus=b1 ids=x probe=-ENODEV:2
dev add d1 bus=b1 class=c1
kobj create k1 kset=s1 attrs=device:ro parent=k1
kobj create k2
kobj create k3 parent=k4 attrs=bb
dev add d5 bus=b1
drv add r4 bus=b1 devm=ma,ma match=9
class add c1 devattrs=uevent name=c2
drv devs r1
bus finddrv b1 n1
write devices/d5/state_synced -EIO
dev init d4 id=x type=t1 parent=d4 bus=b1 devt=241:3
bus del b1
readlink s1/k2
bus add b1
write bus/b1/drivers/r1/unbind d5
kobj create k5 kset=s2 attrs=online,waiting_for_supplier:ro,own:wo
bus finddrv b1 n1
dev add d5 bus=b1 driver=r4 parent=d1 name=r1
write devices/d2/c2 -EIO\n
write bus/b1/drivers/r2/bind d3\n\n
drv add r1 bus=b1 devm=ma,mb attrs=uevent:wo,bb,uevent probe=0 shutdown=1
dev add d4 id=x bus=b1 attrs=subsystem,own:wo,new_id
dev add d6 id=x attrs=aa:ro probe=defer:d2 class=c1
dev add d2 id=y devt=240:1 bus=b1
bus devs b1 start=d1
class add c1
dev add d2 attrs=bb:wo,drivers:wo,aa probe=0 parent=d1
readlink s2
readlink k5
cat class/c1/d1/device
write bus/b1/drivers/r4/bind d3\n
kobj del k5
bus add b1 shutdown=1 uevent=-EINVAL notify=1 match=7
kobj create k2 attrs=aa:wo
drv add r2 bus=b1 name=n1 ids=x,y devm=ma noremove=1
bus del b1
write bus/b1/drivers/r3/unbind d3\s
dev init d5
deferred
kobj add
dev del d4
sif add q2 bus=b1
type add t1 uevent=-EIO
dev put d2
drv attach r3
write bus/b1/drivers/r1/unbind d3\0
devres add d4 ga
dev set d1
dev remove d1
kobj get k3
dev add d3 bus=b1 attrs=c1:wo,uevent,uevent:wo
write bus/b2/drivers/r1/unbind d6
dev add d6 id=x bus=b1
dev add d2 bus=b2 attrs=uevent
drv add r2 bus=b1 devattrs=state_synced:ro,unbind match=0 ids=x,y noremove=1
dev add d1 bus=b1 devt=240:0 id=x
kobj create k3 parent=k2
kobj create k5
drv add r3 bus=b2 name=n1 probe=517 devm=ma,mb ids=y
dev add d2 attrs=unbind:wo bus=b1 suppress=1 parent=d1 id=y
uevent d1 remove fill=52
probing block
dev add d1 id=x devt=240:1 bus=b1
kobj add k2
hook r1 probe dev add %
bus del b1
dev add d3 bus=b1 probe=-EIO id=x
kobj add k1 parent=k4
dev del d6
dev add d5 bus=b1 devt=240:1 class=c1
dev add d3 id=y bus=b1 parent=d6
ls dev/char
write bus/b1/drivers/r2/bind d1
stat class/c1/bind
write bus/b1/drivers/r1/unbind d4\0x
dev children_rev d2
drv add r2 bus=b1 name=x/y ids=x probe=-EINVAL:2 devm=ma
dev put d3
dev set d1 probe=defer:d1
bus finddrv b1 r1
dev add d3 bus=b1 norelease=1 id=x
bus del b1
probing foo
devres rel d1 ga
class add c1
deferred
type add t1
bus add b1 remove=1 shutdown=1 devattrs=aa
write bus/b1/drivers/r3/unbind d2
write bus/b1/drivers/r1/bind d1\0x
type add t1
hook r4 remove dev set d3 probe=0
dev del d2
class del c1
drv attach r1
write bus/b1/drivers/r2/unbind d1\n\n
dev add d4 parent=d6 bus=b1 id=y
kobj uevent k1 add
dev init d2 type=t1 parent=d2 id=y norelease=1
cat devices/./d4
sif add q1 bus=b1
write bus/b1/drivers/r4/unbind d6
kset add s2 subsys=- parent=k4
sif del q2
readlink /x
dev add d4 id=y parent=d3 name=c1 bus=b1
