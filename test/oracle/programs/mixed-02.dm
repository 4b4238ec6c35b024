bus add b1 override=1 devattrs=drivers_autoprobe
drv add r1 bus=b1 ids=x,y devm=ma,mb devattrs=state_synced probe=defer:d4
drv add r2 bus=b1 ids=x devm=ma,mb
dev add d1 bus=b1 id=x type=t1
kobj create k1 kset=s1 attrs=bind:ro,d1,unbind
kobj create k2 kset=s1
kobj create k3
bus add b1 shutdown=1 probe=1 name=bx uevent=-EINVAL sync_state=1
class add c1 name=cx
drv add r3 bus=b1 shutdown=1 name=d1 ids=x,y probe=defer:d1
hook r2 probe devres add % hk
write bus/b1/drivers/r1/bind d1\n
devres dgroup d3 ga
write class/c2/d1/ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev init d1 id=y attrs=subsystem:ro parent=d1
dev set d2 suppress=0
ls devices/../bus
dev remove d2
kset del s1
dev add d2 devt=240:1 id=x class=c2 parent=d3 bus=b1
dev set d1 id=x probe=-EPROBE_DEFER suppress=1
kset find s1 k3
write bus/b1/drivers/r2 add x
kset list s1
class del c1
drv add r2 bus=b1 match=ids attrs=own devm=ma,ma
drv devs r2
bus del b1
dev set d1 probe=defer:d3
kobj create k3
uevent d1 add x
deferred
dev attach d5
dev add d4 probe=-EPROBE_DEFER:1 bus=b1 type=t2 devt=241:3 id=y norelease=1 attrs=bind,unbind:ro,own:ro
class devs c1
dev set d3 probe=-EPROBE_DEFER id=x
dev attach d1
readlink bus/b1/drivers_autoprobe
dev bind d5 r4
write bus/b1/drivers/r2/unbind d3
kobj put k2
drv add r2 bus=b1 devattrs=uevent,d2 ids=x,y sync_state=1
dev get d4
write devices/d6 a\nb\n
write bus/b1/drivers/r1/unbind d3\n
dev init d2 bus=b1
kobj foo k1
ls bus/b1/drivers/r1
ls bus/b2/drivers
bus drvs b1 	
dev drvattach d2 r4
drv add r2 bus=b1 match=1 sync_state=1 noprobe=1 ids=y probe=-EPROBE_DEFER attrs=uevent,device:wo
devres del d4 mb
dev del d3
class add c1 attrs=own:wo devattrs=uevent
devres dgroup d4 mb
sif add q1 bus=b1
kobj init k3
uevent d4 change A=1
sif del q1
dev add d1 id=x bus=b2
uevent d3 unbind
kset find s1 k3
write bus/b2/drivers/r1/own \q
dev init d2 class=c2 id=x bus=b1
dev set d3 probe=0
dev set d4 probe=-EPROBE_DEFER:1
hook r1 remove dev del %-k
write bus/b1/drivers/r1/unbind d6\s
dev add d6 bus=b1 id=y probe=defer:d2
dev children d1
devres add d3 ma
dev drvattach d1 r1
devres rgroup d2 ma
bus rescan b2
dev drvattach d2 r3
drv add r3 bus=b1 probe=0 ids=x
dev set d2 suppress=1 id=x
hook r1 probe dev del d6
sif add q1 bus=b1
write bus/b1 r1
ls class/c1
dev add d6 id=x bus=b1
write bus/b1/drivers/r1/bind d5\s
class del c2
class devs c1
drv attach r1
dev register d1
kobj add
probing trigger
dev del d3
class add c2 pm=1 attrs=aa:wo
devres rgroup d3 mb
probing unblock
readlink devices/virtual/c1/d2/subsystem
class devs c1
bus find b1 n1
dev add d3 bus=b1 attrs=waiting_for_supplier:ro,uevent
deferred
dev init d1 bus=b1 probe=5:0 norelease=1 name=b1
drv add r1 bus=b1 probe=4001
drv del r3
write bus/b1/drivers/r1/bind d3\0
kobj put k5
sif del q1
dev add d2 bus=b1 class=c1 attrs=bb:ro,drivers_probe id=x
dev add d3 probe=0 class=c1 id=y bus=b1 type=t2
dev release d1
write bus/b1/drivers/r1/bind d1\0x
hook r2 remove dev del %-k
probing trigger
kset add s2 filter=1 name=s1 parent=k4
dev register d3
dev attach d2
class del c1
dev add d6 id=y bus=b1 name=b1
drv add r3 bus=b1 match=0 probe=-EPROBE_DEFER attrs=uevent,bind
dev add d5 name=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
drv set r3
kobj create k1 attrs=aa:xx
dev add d2 devt=241:3 attrs=unbind:wo driver=r2 type=t2 id=x
kobj init k4
ls dev/char
