bus add b1 notify=1 uevent=1
class add c1
kobj get k4
readlink s1/k3
drv del r1
intf add i2 class=c2
kset list s2
stat bus/b1
drv del r4
kobj foo k1
dev del d1
type add t2 uevent=1
drv set r2 probe=0
kobj create k4
cat bus/b1
dev reprobe d2
drv add r2 bus=b1 ids=x,y devm=ma,mb,mc devattrs=uevent
bus del b1
bus
drv add r1 bus=b1 probe=-EFOO
uevent d1 add x
uevent d2 move B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz A=1
dev add d6 name=uevent bus=b1 id=y
write bus/b1/drivers/r4/unbind d6\s
uevent d1 online B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz MODALIAS=m A=1
cat s1/k1
hook r1 remove dev del d1
drv add r2 bus=b1 probe=-EPROBE_DEFER match=-EPROBE_DEFER devm=ma,mb,mc pm=1 ids=x
dev add d3 bus=b1 probe=0 class=c1 id=x
write bus/b1/drivers/r2/bind d2\n\n
write bus/b1/drivers/r4/unbind d3\n
drv add r2 bus=b1 attrs=devices:wo,bb:ro ids=x
write bus/b1/drivers/r4/unbind d3\s
stat devices/d4
kset list s1
devres dgroup d1 ga
kobj init k3 kset=s2
drv add r2 bus=b1 noprobe=1 ids=x probe=0 noremove=1 sync_state=1 devm=ma
write bus/b1/drivers/r1/unbind d3\n\n
write class/c1/bb add \0
class add c2 uevent=1
dev init d2 bus=b1 probe=0 id=x
kobj uevent k1 offline A=1
bus add b1 pm=1 notify=1 remove=1 drvattrs=bb override=1
dev children d2
drv add r3 bus=b1 probe=-EIO ids=x,y devm=ma,mb
bus add b1 dma=1 remove=1 notify=1 drvattrs=aa,own
uevent d3 unbind
type add t1
dev init d3 class=c2 id=x probe=-EEXIST:1 parent=d4 bus=b1
probing unblock
dev find d3 n1
class add c2 uevent=1
kset list s1
dev add d2 devt=254:255 bus=b1 attrs=aa id=y type=t2
write bus/b1/drivers/r2/bind d4\n\n
drv add r1 bus=b1 ids=x devm=ma,mb name=d1
drv add r1 bus=b1 ids=x
stat bus/b1/devices
kobj init k4
write
kobj create k1 parent=k2
intf add i2 class=c1
drv add r1 bus=b2 probe=-EPROBE_DEFER devattrs=aa:wo shutdown=1 ids=y
kobj uevent k3 add A=1
dev init d2 class=c1 probe=0 bus=b1 id=x attrs=removable:ro,own parent=d2
ls devices/d1/subsystem
class add c1 uevent=1 shutdown=1
write bus/b1/drivers add\n
type add t2 devattrs=unbind
dev init d1 parent=d2 bus=b1 attrs=unbind
dev add d1 bus=b1 bus=b1
bus add b1 notify=1 shutdown=1
deferred
deferred
class add c1 shutdown=1 uevent=1
bus del b1
class add c1 uevent=-EINVAL shutdown=1 name=a/b
dev add d2 bus=b1 id=y
dev add d1 id=x probe=0
drv devs r2
class add c1 pm=x
uevent d2 remove
devres dgroup d2 ma
uevent d4 online
dev init d4 name=d1 attrs=aa,drivers_autoprobe parent=d5 id=x
kset add s1 uevent=-EIO
drv add r4 bus=b1 ids=y
write bus/b2/drivers/r2/unbind d6\0x
drv set r1
bus del b1
kobj put k1
drv add r2 bus=b1 devattrs=bind attrs=unbind probe=-EPROBE_DEFER
bus add b1 override=1 sync_state=1 uevent=1
write class -EIO\n
dev release d1
kobj uevent k4 offline
drv add r1 bus=b1 match=-EPROBE_DEFER probe=5:0 name=n1 ids=y
intf del i1
hook r3 remove bus rescan b1
bus add b1 override=1
ls k5/unbind
sif del q2
cat devices/d1/state_synced
hook r2 remove dev set % id=x
ls devices/d3/dev
ls bus/b1/drivers/r3/uevent
deferred
