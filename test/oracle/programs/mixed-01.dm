bus add b1 uevent=1 notify=1
class add c1 uevent=1
kset add s1
drv add r1 bus=b1 ids=x,y sync_state=1
drv add r2 bus=b1 ids=x devattrs=unbind,drivers_autoprobe:wo probe=-EPROBE_DEFER:1
dev add d1 bus=b1 type=t1 id=x
dev add d2 bus=b1 id=x
kobj create k1
dev drvattach d3 r3
dev release d3
dev add d5 type=t1 devt=254:255 bus=b1
kobj add k2
readlink devices/d6/uevent
dev set d2
dev add d6 id=x class=c1 attrs=bb
dev add d6 probe=-EBUSY bus=b1 id=x
drv add r3 bus=b1 sync_state=1 ids=x probe=0 noremove=1 name=n1 devm=ma,mb
drv set r1 ids=y
ls devices/d3/dev
ls k2/unbind
cat bus/b1/drivers/r1/d5
drv add r2 bus=b1 match=0 ids=x
hook r1 remove dev set % id=x
hook r2 remove cat devices/%/uevent
class devs c1
bus add B1
dev add d2 id=y bus=b1 parent=d5
write bus/b1/drivers/r4/unbind d6\n\n
dev add d6 parent=d1 id=x attrs=bb
kobj uevent k4 add
cat devices/d3/uevent/
dev reprobe d6
kobj create k3 kset=s2
dev set d2
dev set d2 probe=-EPROBE_DEFER:1 id=y
write bus/b2/drivers/r1/unbind d3\n
dev children_rev d3
write devices/d3/state_synced \n\n
dev register d3
bus devs b1 start=d2
deferred
drv del r4
stat bus/b1/drivers
devres add d1
drv del r2
sif del q1
drv add r2 bus=b1 devattrs=state_synced probe=0
stat bus/b1/drivers/r2/aa
class add c1
bus sort b1
drv add r1 bus=b2 ids=x,y devm=ma,mb,mc pm=1
drv add r3 bus=b1 ids=x devattrs=subsystem sync_state=1 probe=defer:d3
dev add d6 parent=d2 name=aa id=x
write bus/b1/drivers/r1/bind d1\0x
sif add q2 bus=b1
write devices/d1/c1/d1 -EPROBE_DEFER
hook r1 probe cat devices/%/uevent
write bus/b1/drivers/r3/bind d4\n
write bus/b1/uevent  -EIO
kobj create k3
ls k3/bb
stat bus/b1/drivers_autoprobe
type add t1 uevent=-EIO
write devices/d4/ -EIO x
kobj put k2
dev add d3 bus=b1 class=c2 type=t2 suppress=1 id=x
dev init d2 type=t2 class=c2 bus=b1 id=x probe=defer:d6 parent=d2
kobj create k3 kset=s1
kobj put k5
bus sort b1
kset find s1 k2
bus del b1
devres rel d1 ga
devres rgroup d3 mb
dev add d3 probe=0 parent=d3 bus=b1 class=c1
ls dev/char/240:0
kset del s1
stat devices/d2/d6
write bus/b2/drivers/r2/bind d1\0x
hook r1 probe uevent % change A=%
kobj add k4
bus drvs b1
drv devs r1
bus del b1
ls bus/b1/devices
write bus/b1/drivers/r2/bind d5\n\n
type add t2
devres dgroup d1 ga
cat devices/d1/c1/d1
dev add d1 probe=-4000:1 bus=b1 class=c2 devt=241:3
uevent d4 remove A=1
dev add d4 parent=d3 id=y type=t2 bus=b1 class=c2
readlink bus/b1/drivers/r1/uevent
dev release d2
intf add i1 class=
dev register d3
kset del s2
write /x \q
dev add d6 bus=b1 attrs=uevent:ro id=x
intf del i2
bus add bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
ls devices/d1/uevent/
kobj create k1
drv add r2 bus=b1 ids=x name=r1 probe=0
intf add i2 class=c1
bus del b1
drv add r1 bus=b1 devm=ma,mb match=-EPROBE_DEFER suppress_bind_attrs=1 ids=x,y
