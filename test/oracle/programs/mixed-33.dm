bus add b1 override=1 notify=1
class add c1
dev init d1 driver=r2 id=y bus=b1
devres add d1 ga
ls devices/../bus
write bus/b1/drivers/r2/bind d3\0x
bus del b1
uevent d3 bind
ls class/c2/bb
dev set d1
kobj uevent k2 change
kset del s1
dev children_rev d2
kset find s1 k4
deferred
kobj uevent k1 offline A=1
kobj put k3
intf del i2
drv add r1 bus=b2 ids=x,y probe=-EIO devm=ma,ma sync_state=1
kset list s2
kobj create k4 parent=k2
kobj uevent k2 remove
deferred
class add c1
kobj get k2
devres rgroup d4 ma
intf add i1 class=c1
type add t1 uevent=1 devattrs=uevent:ro,own:wo
bus del b1
write bus/b1/drivers/r2/device -EIO
intf add i2 class=c1
deferred
write bus/b1/drivers/r1/bind d4\0x
write bus/b1/drivers/r1/bind d4\0x
write bus/b1/drivers/r4/bind d1
write bus/b1/drivers/r3/bind d4\n\n
drv add r2 bus=b2 sync_state=1 ids=x noremove=1
write bus/b1/drivers/r3/unbind d6\s
kset add s2 subsys=- filter=0
write bus/b1/drivers/r2/bind d5\n
drv add r3 bus=b1 ids=x shutdown=1
kobj add k1 parent=k4
write bus/b1/drivers/r3/bind d6
kset add s2 filter=1 subsys=sub
devres del d2 ga
uevent d6 add A=1
uevent d1 offline
class del c1
readlink bus/b2/drivers/r1/bb
class add c2 name=c2
drv add r1 bus=b1 ids=x noprobe=1 pm=1
dev add d2 id=x bus=b1 name=n1 attrs=devices:ro
dev init d3 probe=0 parent=d3
sif del q1
bus add b1 sync_state=1 uevent=1 notify=1
class devs c1
uevent d2 bind A=1
write bus/b2/drivers/r1/unbind d3\n
drv add r4 bus=b1 ids=x,y match=1 sync_state=1
dev children_rev d4
write bus/b1/drivers/r3/bind d3\n
kset add s2 parent=k5 filter=1
write bus/b1/drivers/r4/bind d1\0
dev init d2 id=x parent=d1 bus=b1
kobj create k2 parent=k3 kset=s1
hook r3 remove bogus
drv add r4 bus=b1 sync_state=1 probe=defer:d6 match=9
class devs c1
kobj create k4
=x
write bus/b1/drivers/r1/bind d5\n\n
write bus/b1/drivers/r4/unbind d4\n
bus rescan b1
dev children_rev d1
drv add r1 bus=b1 name=x/y probe=-EPROBE_DEFER:1 devattrs=online:wo,own:ro
hook r2 probe dev add %
write bus/b1/drivers/r4/uevent -EIO
dev get d1
dev children d2
drv add r2 bus=b1 shutdown=1 ids=x,y match=9
drv devs r2
kobj create k1 kset=s2
write bus/b2/drivers/r2/bind d6\0
hook r2 probe dev set % id=y
kobj uevent k5 unbind
sif add q1 bus=b1
hook r2 probe bus rescan b1
dev set d3 probe=0
write devices/d1/uevent
dev add d2 bus=b1 id=y
kobj init k1 kset=s1
ls class/c2/subsystem
drv add r1 bus=b1 name=d1 ids=y
class devs c2
dev add d4 bus=b1 suppress=1
kset add s2
class add c2 pm=1 uevent=1
drv del r1
type add t1 devattrs=aa:ro uevent=1
deferred
kobj uevent k5 add
drv add r4 bus=b1 pm=1 ids=x sync_state=1 shutdown=1 devattrs=uevent devm=ma,mb
kobj create k4 parent=k4
readlink bus/b1/drivers_autoprobe
dev add d1 id=x norelease=1 bus=b1
dev bind d4 r3
cat bus/b1/drivers_probe
drv attach r3
ls devices/d2/state_synced
bus add b1 uevent=-EINVAL
drv add r1 bus=b1 pm=1 ids=y devm=ma,ma attrs=uevent
devres del d2 ma
class add c1 devattrs=own uevent=1
write devices/d1/c2  add
write bus/b1/drivers/r3/bind d2\0
drv add r1 bus=b2 probe=-EPROBE_DEFER:1 ids=x,y devm=ma,mb
drv add r3 bus=b1 match=-EINVAL probe=-EAGAIN ids=x sync_state=1
hook r1 remove dev del %-k
dev del d1
write bus/b1/drivers/r2/bind d3
uevent d3 unbind MODALIAS=m
