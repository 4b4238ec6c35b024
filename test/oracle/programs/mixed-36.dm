bus add b1 notify=1
drv add r1 bus=b1 ids=x
class add c1
kset add s1 uevent=1
type add t1 uevent=1
type add t1 uevent=1
dev add d2 type=t2
drv add r2 bus=b1 noprobe=1 ids=x devattrs=aa,aa:ro probe=0
class add c2
deferred
dev add d3 bus=b2 probe=-EPROBE_DEFER:1 id=y devt=241:3 class=c2
dev init d5 parent=d3 devt=241:3 id=x probe=0
drv attach r3
kobj init k2 kset=s2
probing block
write bus/b1/drivers/r1/unbind d3\0x
kobj create k4
dev add d2 probe=-EPROBE_DEFER:1 suppress=1 id=x bus=b1
dev add d3 type=t1 parent=d2 bus=b1
devres del d1 ga
ls bus/b1/devices
dev init d1 devt=240:0 bus=b1 parent=d1 id=x class=c1
bus del b1
readlink devices/d2/driver_override
type del t1
bus add b1 probe=1 pm=1
ls  x
ls devices/d1/driver_override
intf add i2 class=c1
dev drvattach d3 r1
dev drvattach d6 r3
dev children_rev d1
deferred
dev add d2 class=c1 id=x bus=b1
dev add d1 devt=240:0 name=aa id=x class=c1
drv add r3 bus=b1 pm=1 noprobe=1 match=1 suppress_bind_attrs=1 ids=x,y
hook r4 remove uevent % change A=%
kobj create k3 parent=k4
uevent d6 unbind
devres add d3 ga
kobj create k1 parent=k5
class del c2
kset find s2 k1
bus add b1 uevent=1 dma=1 pm=1 probe=1 battrs=aa,d1,drivers drvattrs=removable,aa:ro,d2 override=1
uevent d2 change
drv add r2 bus=b1 attrs=bind probe=-EPROBE_DEFER:1 ids=y
dev add d1 bus=b1
dev release d1
kobj create k5 name=aa parent=k2 kset=s1
dev add d4 id=x bus=b1
dev init d3 bus=b1 id=y
dev add d1 bus=b1
ls bus/b1/drivers_autoprobe
probing block
bus del b1
kobj uevent k1 add A=1
hook r1 probe bus rescan b1
kobj create k3 parent=k3
sif add q1 bus=b1
drv add r2 bus=b1 probe=-EPROBE_DEFER:1
drv add r4 bus=b1 ids=x,y
sif del q1
hook r2 remove dev set % id=y
drv add r2 bus=b1 name=r2 probe=-EEXIST:0 ids=x,y
bus add b1 uevent=1
dev add d3
kobj create k1 parent=k4
kobj uevent k4 change
dev add d2 devt=240:0 suppress=1 bus=b2
