bus add b1 override=1
kset add s1 uevent=1
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 attrs=uevent,unbind:ro id=x
dev add d2 bus=b1 type=t1 id=x parent=d5
dev add d3 bus=b1 class=c1 parent=d5 id=x
dev add d4 bus=b1 parent=d3 id=x
dev add d5 class=c1
dev add d4 id=x
stat k3/subsystem
deferred
dev init d1 bus=b1 parent=d6 id=x
class add c1 devattrs=subsystem uevent=-EINVAL
type add t2 devattrs=driver,unbind
drv add r2 bus=b1 noprobe=1 ids=x,y
write devices/virtual/c1/d2 -EPROBE_DEFER
dev add d1 id=x bus=b1
sif add q1 bus=b1
dev set d3
dev init d3 bus=b1
write class/c1/d2 -EIO
ls  x
dev init d1 probe=-EPROBE_DEFER id=x bus=b1
kobj init k1 kset=s1
drv attach r3
cat bus/b1/devices
dev add d6 parent=d2 bus=b1 attrs=drivers_autoprobe:ro,uevent:ro,c1 id=x
dev add d4 id=x bus=b1 parent=d5
bus add B1
write bus/b1 change
drv add r1 bus=b1 noremove=1 probe=-EPROBE_DEFER ids=x,y
intf del i1
drv add r2 bus=b1 shutdown=1 probe=0 name=r1 noremove=1 ids=x,y
cat devices/d6/uevent/x
sif del q1
devres rgroup d2 ga
stat bus/b1/drivers_autoprobe
hook r1 remove dev del %
kobj uevent k4 add
kset find s1 k3
drv add r1 bus=b2 probe=0 ids=x devm=ma noremove=1
dev children_rev d5
write bus/b1/drivers/r4/bind d2\n
stat devices/d3/c2
stat /x
dev register d5
hook r1 probe dev del %-k
ls dev/char/240:0
class del c1
hook r3 probe devres rgroup % ga
drv add r1 bus=b1 probe=-EPROBE_DEFER:2 attrs=bind,own,aa:wo sync_state=1
devres rgroup d2 ma
write bus/b1/devices/d2 \0
sif add q2 bus=b1
dev set d2 probe=5
bus sort b1
write bus/b1/drivers/r3/bind d4
readlink devices/d6/uevent
write bus/b2/drivers/r2/unbind d2\n\n
dev children d1
write bus/b1/drivers/r1/bind d2\n\n
dev drvattach d2 r4
write class/c1 change
shutdown x
ls class/c1/d3/
kobj create k1
kobj add k1 parent=k4
drv add r4 bus=b1 ids=y devm=ma shutdown=1
readlink bus/b1/drivers_probe
kobj create k5
ls devices/../bus
kobj get k4
ls devices/d1/c1/d2/device
dev find d6 d2
bus add b1 uevent=1 notify=1
ls dev/char
dev set d4 id=y
hook r1 remove dev set d1 probe=-EPROBE_DEFER
write bus/b1/drivers/r2/bind d5\n\n
bus devs b1 start=d1
bus del b1
write bus/b1/drivers/r1/bind d3\n
drv add r1 bus=b1 suppress_bind_attrs=1 devattrs=unbind ids=x,y
bus add b1 override=1
hook r1 remove bus rescan b1
bus devs b1 start=d2
write bus/b1/drivers/r1/unbind d3
readlink devices/d5
probing trigger
bus del b1
readlink dev/char
class add c2
dev add d3 suppress=1 attrs=driver bus=b1 devt=254:255
drv add r4 bus=b1 attrs=bb,uevent:wo ids=x
bus del b1
probing trigger
ls bus/b2/devices/d3
kobj create k1 attrs=bb:ro,driver_override:wo,state_synced:wo
devres add d2 ma
kset add s1 subsys=-
drv add r4 bus=b1 noremove=1
ls devices/d6/dev
hook r1 probe devres rgroup % ga
readlink devices/../bus
class add c2 uevent=1
bus devs b1
bus add b1 match=none-cb devattrs=own:wo,own,unbind
dev add d3 bus=b1 devt=240:1 id=x suppress=1 probe=-3:2
dev add d2 id=x bus=b1 attrs=bind
bus add b2 name=b1 match=0 drvattrs=bind:wo remove=1
dev init d4 bus=b1 id=x parent=d1
kobj create k2 parent=k1 name=aa
write bus/b1/drivers/r2/unbind d2\s
drv add r2 bus=b1 ids=x,y
class devs c2
bus del b1
dev put d1
kobj create k1 kset=s2
bus add b1 devattrs=state_synced:wo remove=1 uevent=1 override=1
drv del r2
kset del s2
class add c2
dev add d3 id=x probe=0 bus=b2
