bus add b1
drv add r1 bus=b1 ids=x
drv add r1 bus=b1 ids=x,y probe=-EBUSY:1 devm=ma,mb
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 class=c1 id=x
dev add d2 bus=b1 id=x
dev add d3 bus=b1 id=x
dev add d5 class=c1 parent=d1
kobj create k1 kset=s1 parent=k1
kobj create k2 parent=k2 kset=s1
kobj create k3 parent=k2 kset=s1
drv add r1 bus=b1 probe=0 sync_state=1 devattrs=online ids=x
class add c1 uevent=1 attrs=device
class del c2
write bus/b1/drivers/r3/bind d5\0
bus devs b1 start=Bad
bus del b1
bus del b1
dev del d3
kobj create k2 attrs=uevent:wo,uevent,devices
dev add d1 id=y parent=d2 bus=b1 class=c1 probe=-EPROBE_DEFER
dev add d1 type=t2 bus=b1 attrs=uevent
dev register d4
write bus/b1/drivers/r1/bind d4\n\n
kobj del k2
probing trigger
hook r1 probe dev add %-k id=w bus=b1
kset find s2 k2
drv add r1 bus=b1 ids=x
dev attach d1
dev find d1 d2
dev remove d3
readlink bus/b1/uevent
kobj uevent k5 unbind A=1
dev set d2 id=y probe=-3:0
class add c2 shutdown=1 devattrs=aa,dev,drivers uevent=-EINVAL attrs=aa,aa
class add c1 uevent=1
bus set b2
deferred
dev children_rev d2
hook r4 remove devres rgroup % ga
write bus/b1/drivers/r2/unbind d2\0
bus sort b1
bus add b1 drvattrs=uevent
bus add b1 sync_state=1 uevent=-EINVAL notify=1
write dev/char \0
devres rel d5 ma
write devices/virtual/c2/d3 y
kobj uevent k5 remove A=1
class devs c1
dev set d6 id=y
kobj del k4
readlink devices/d6/c1/d4
deferred
dev del d2
kobj uevent k1 change
readlink devices/virtual/c1/d3
dev set d6
bus del b1
dev add d2 id=x bus=b1
type add t2 uevent=1
kobj create k5 parent=k3
kobj del k3
devres add d3 ma
dev add d3 devt=240:1 id=y bus=b2
devres add d2 ga
dev add d5 id=x bus=b1 suppress=1
write k5/own \0
drv add r3 bus=b1 ids=x name=r1 attrs=uevent devattrs=new_id noprobe=1 probe=0
write bus/b1/drivers/r4/bind d6\0x
bus add b1 x=1
hook r1 remove bogus
dev add d1 id=x probe=defer:d1
readlink bus/b1/drivers/r1/uevent
dev add d2 devt=240:0 id=y parent=d2
deferred
devres dgroup d2 ga
uevent d1 change
class add c1 shutdown=1
bus devs b1 start=d2
bus del b1
bus add b2 drvattrs=unbind:ro,own,d2:ro uevent=-EINVAL probe=1
dev add d1 id=x name=x/y parent=d3 class=c2 bus=b1
dev add d1 attrs=bind:wo,module,c1:ro bus=b1 parent=d6 suppress=1 devt=241:3
bus del b1
write bus/b1/drivers/r4/unbind d6\n
dev add d1 devt=1:1
stat k4
kobj add k3 parent=k1
bus add b1 devattrs=bb probe=1 notify=1
cat devices
type add t1 uevent=1
link add d1
readlink k5/aa
dev add d4 bus=b1 attrs=c1:ro probe=defer:d3 id=x
write bus/b1/drivers/r1/unbind d6\n\n
deferred
readlink bus/b1/drivers
kset list s1
dev add d6 id=y name=n1 class=c2 bus=b1
dev del d5
drv devs r1
kobj put k1
class add c1 devattrs=subsystem
write bus/b1/drivers/r1/unbind d1\s
write devices/d2  add
dev init d1 id=x class=c2 bus=b1 attrs=own
drv add r2 bus=b1 name=r1 pm=1
readlink bus/b1/devices/d2/subsystem
hook r1 probe devres open % ga
dev drvattach d2 r1
cat nope
dev add d2 id=x bus=b1 type=t1
class add c1
sif add q1 bus=b1
dev add d2 bus=b2 class=c1 id=y driver=r1 parent=d6
stat class/c1
dev add d6 id=x bus=b1 devt=241:3
kobj init k1 attrs=module
class devs c2
drv devs r3
