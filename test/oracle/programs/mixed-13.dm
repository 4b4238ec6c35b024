bus add b1 override=1
drv add r1 bus=b1 ids=x
class add c1
drv add r1 bus=b1 ids=x,y probe=-EPROBE_DEFER
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x
kobj create k1 kset=s1 attrs=own:wo,bind parent=k5
stat class/c2/uevent
class del c2
dev add d2 bus=b1 class=c1 id=x
dev register d2
drv add r3 bus=b1 ids=x,y probe=-EPROBE_DEFER:1 devm=ma
kset find s2 k2
class add c1
stat class/c1/d2/device
bus sort b1
sif del q2
write devices/virtual/c1/d3 \n
kobj add k2 name=k1 parent=k5
dev get d1
uevent d3 bind A=1
dev add d6 name=c1 id=y
sif add q1 bus=b1
devres dgroup d3 ga
uevent d6 add fill=69
kobj uevent k5 add
dev add d2 id=x class=c1 name=x/y devt=241:3 parent=d3 bus=b1
write bus/b1/drivers/r4/bind d1\n\n
kset add s1
drv add r1 bus=b1 ids=x noprobe=1 probe=0
dev attach d4
dev set d3
devres dgroup d1 ma
deferred
readlink devices/virtual/c1
dev add d3 id=y bus=b1
bus add b1
bus del b1
dev init d2
dev find d1 n1
write bus/b1/drivers/r1/unbind d4\n
write class/c1/d1 add\n
drv add r3 bus=b1 suppress_bind_attrs=1 noprobe=1 ids=x
drv add r2 bus=b1 ids=y devm=ma,mb,mc sync_state=1 attrs=bind,device probe=-EPROBE_DEFER:1
ls devices/d1/uevent/x
stat bus/b1/uevent
ls class/c1
class add c1 pm=x
bus del b1
dev add d2 id=y type=t2 bus=b1 probe=-EPROBE_DEFER
drv add r1 bus=b1 sync_state=1 probe=-517:0
kobj init k5
dev init d4 bus=b1 id=x
dev add d5 bus=b1 class=c1
dev set d1
dev add d1 parent=d5
type add t2 devattrs=subsystem,unbind,unbind uevent=1
devres rgroup d1 mb
dev add d3 id=x class=c1
class add c2 devattrs=bb:wo,bind
hook r1 remove uevent %
ls devices/virtual/c2
probing trigger
ls devices/d2
dev add d5 suppress=1 parent=d4
drv attach r2
cat class/c2/d3
dev remove d3
dev put d1
deferred
bus find b1 d1
dev del d3
drv add r1 bus=b1 probe=defer:d1 ids=x
sync
dev init d2 bus=b1 id=x probe=-EPROBE_DEFER type=t2
ls class/c1/d1/device
probing block
dev add d6 devt=241:3 id=x bus=b1 parent=d4
ls k2
drv devs r4
drv add r1 bus=b1 devm=ma,mb,mc ids=y sync_state=1
uevent d1 add A=1
dev add d3 class=c1 bus=b1 attrs=waiting_for_supplier:ro probe=defer:d2
ls bus/b1/uevent
dev add d4 id=x class=c2 bus=b1
dev add d6 name=d2 bus=b1
type add t1
dev bind d4 r4
ls bus/b1/drivers/r1/d4
dev init d3 bus=b1 attrs=drivers_autoprobe:ro
dev remove d5
type del t1
drv add r1 bus=b1 noprobe=1 devm=ma,mb,mc attrs=own:wo,aa match=ids pm=1
hook r3 remove dev set % id=y
drv add r1 bus=b2 probe=defer:d3 shutdown=1
drv add r2 bus=b1 devm=ma shutdown=1 probe=-3 ids=y devattrs=aa
write bus/b1/drivers/r4/unbind d4\0x
drv add r2 bus=b1 probe=0 suppress_bind_attrs=1 ids=y noprobe=1
dev set d2 id=x suppress=1
kobj create k2 attrs=drivers_autoprobe kset=s1
dev add d3 attrs=dev bus=b1 type=t2 id=y
dev remove d4
dev add d2 norelease=1 class=c1 devt=240:1 bus=b1
stat devices/d5/d1
devres add d3 mb
dev add d5 id=y probe=-EINVAL:2 devt=241:3 parent=d1 bus=b1
dev add d3 suppress=1 id=x bus=b1 norelease=1
drv devs r2
devres dgroup d2 ga
devres add d1 ma
probing unblock
dev init d3 bus=b1 id=x
bus devs b1 start=d2
intf add i1 class=c1
kset add s2 kset=s1
write bus/b1/drivers/r2/unbind d1\0x
hook r3 remove dev set % id=y
dev init d6 norelease=1 parent=d3 bus=b1 type=t2
cat dev/char/240:0
dev add d3 parent=d3 id=x probe=-EPROBE_DEFER bus=b1 devt=254:255
kobj put k5
drv set r3 devm=mb,mc
