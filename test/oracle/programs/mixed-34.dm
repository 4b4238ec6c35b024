bus add b1
kset add s1 uevent=1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y sync_state=1
drv add r2 bus=b1 ids=x probe=517
dev add d1 bus=b1 id=x
dev add d2 bus=b1 id=x
dev add d3 bus=b1 id=x parent=d6 devt=240:1
dev add d4 bus=b1 id=x type=t1
dev add d5 class=c1
kobj create k1 attrs=own:ro
write bus/b1/drivers/r1/bind d2
bus devs b1
sif add q2 bus=b1
ls devices/d2/subsystem
write bus/b1/drivers/r1/unbind d2\n\n
drv set r2
probing trigger
dev move d1
write class/c1/d1/ 0
=x
uevent d2 offline B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
drv add r1 bus=b1 probe=defer:
bus add b1 override=1 remove=1 dma=1 pm=1 battrs=d2
sif add q1 bus=b1
cat bus/b1/devices/d6/aa
kobj add k5 parent=k2
kobj init k2
deferred
dev set d6 probe=-EPROBE_DEFER id=y suppress=1
drv add r3 bus=b1 devm=ma probe=5:2
uevent d5 move B=z
dev add d4 bus=b1 attrs=bb,bb norelease=1
devres add d3 ma
drv del r1
kobj put k3
dev attach d4
readlink bus/b1/devices
dev add d3 probe=-EPROBE_DEFER driver=r2 norelease=1 class=c2 bus=b1 id=y
uevent d3 offline
bus del b1
drv attach r2
sif add q1 bus=b2
dev add d5 class=c2
kobj create k2 name=aa
readlink k2/bb
drv add r3 bus=b1
uevent d3 offline
kobj init k2
devres rgroup d2 ma
dev add d2 class=c1 suppress=1 id=x parent=d4 attrs=uevent,d2 bus=b1
kset del s2
uevent d5 move
class add c1 name=a/b
drv add r1 bus=b1 ids=x devattrs=own devm=ma,mb probe=0 noprobe=1
drv add r1 bus=b1 probe=0 devattrs=aa:ro ids=x
dev add d1 bus=b2 driver=r2 type=t2 attrs=aa norelease=1 id=y
drv set r2 devm=mb,mc ids=y
write bus/b2/drivers/r4/unbind d4\n\n
dev del d2
dev add d1 norelease=1
ls devices/d4/driver
hook r1 probe uevent %
write bus/b1/drivers/r1/unbind d1\0x
dev del d2
drv add r4 bus=b1 ids=y suppress_bind_attrs=1 noprobe=1 probe=0 match=-EPROBE_DEFER
drv add r2 bus=b1 probe=517 match=0 shutdown=1 devattrs=driver:ro ids=x,y noprobe=1
uevent d6 unbind fill=33 A=1
bus add b1 name=b1 uevent=-EINVAL override=1
drv devs r1
bus del b1
bus del b1
bus add b1 drvattrs=drivers,bind:wo
readlink s1/k4
dev children_rev d1
write bus/b1/drivers/r2/unbind d3\0x
kobj create k5 kset=s1 parent=k2
drv add r1 bus=b1 noprobe=1 probe=defer:d2 ids=y
drv add r2 bus=b1 name=d1 probe=defer:d1 ids=y
dev add d2 type=t1 name=x/y id=y bus=b1 probe=-EPROBE_DEFER:1
kset find s2 k2
dev init d2 id=x type=t2
drv add r1 bus=b1 match=0 name=x/y ids=y
bus del b1
write bus/b1/drivers/r1/unbind d1\n\n
dev add d4 type=t1 id=x bus=b1
uevent d4 unbind
dev add d1 attrs=aa:wo class=c1 id=x
drv add r1 bus=b1 devm=ma,mb,mc probe=-ENODEV
write bus/b2/drivers/r1/bind d3\0
dev drvattach d1 r1
drv set r3 match=0
hook r1 remove dev add %-k parent=% probe=-EPROBE_DEFER:1 id=w bus=b1
probing block x
drv del r3
stat s1
devres rgroup d5 ma
bus del b1
dev init d1 parent=d3 bus=b1 id=x devt=254:255 attrs=own,state_synced
bus add b1 dma=1
intf add i1 class=c2
hook r1 probe dev del %-k
kobj put k5
