bus add b1 override=1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y devattrs=bb probe=-EPROBE_DEFER
drv add r2 bus=b1 ids=x probe=-ENOMEM
dev add d1 bus=b1 attrs=devices:ro,own:wo id=x
dev add d2 bus=b1
dev add d5 class=c1 parent=d6
write bus/b1/drivers/r2/bind d4\0x
dev set d1 suppress=1 probe=0
dev del d5
kobj add k5 parent=k3
bus find b1 d1
dev children d2
class add c1
drv add r1 bus=b2 ids=y devattrs=drivers_probe:ro,own:wo,aa
drv attach r3
dev add d3 devt=241:3 id=y
drv attach r4
dev add d6 probe=0 driver=r2 bus=b1
dev add d2 bus=b2 id=y type=t2
kobj uevent k1 change
dev del d1
deferred
dev children d4
kobj add
drv del r1
drv add r1 bus=b1 devm=ma match=-EPROBE_DEFER devattrs=r1:ro,unbind,drivers:wo ids=x,y
kset add s1 uevent=1 subsys=-
devres add d1 mb
bus devs b1 start=d6
hook r2 remove dev add %-k bus=b1 parent=% id=x
dev init d1 devt=254:255 parent=d4 bus=b1 type=t2 attrs=dev id=x
drv add r1 bus=b1 devattrs=bb:wo suppress_bind_attrs=1 devm=ma,mb,mc probe=0 ids=x
uevent d1 bind
dev del d3
dev add d1 bus=b1 type=t2
dev add d1 devt=241:3 parent=d2 probe=0 id=x class=c1
dev add d1 id=x parent=d4
stat devices/d2/d4
write bus/b1/drivers/r2/bind d1\0x
probing unblock
bus sort b1
drv add r1 bus=b1 ids=x,y attrs=d2,bb
kobj init k1 kset=s1
reset x
kobj put k3
write k4/uevent -EPROBE_DEFER
bus rescan b1
class add c1 devattrs=subsystem:wo,drivers:wo,aa uevent=1
dev add d2 id=y attrs=aa:wo,drivers_autoprobe probe=-517
class devs c1
bus add b1 match=1 drvattrs=module,aa,unbind notify=1
write devices/virtual/c2/d2/subsystem add x
readlink bus/b2/drivers/r1/device
type add t2 devattrs=bb:wo uevent=1
dev children d1
class add c2 pm=1
kobj create k5 parent=k5 kset=s1
deferred
uevent d1 bind A=1
ls devices/virtual/c1/d5
dev bind d1 r4
dev add d5 norelease=1 id=y
dev add d1 parent=d2 suppress=1 probe=0 id=x name=r1
uevent d1 move MODALIAS=m
bus add b1 remove=1 sync_state=1 devattrs=waiting_for_supplier,uevent:wo probe=1
kobj create k3 kset=s1
bus del b1
drv set r2 match=ids
bus add b1 x=1
readlink bus/b2/devices/d5
intf del i1
devres rgroup d1 ga
drv del r4
uevent d6 offline MODALIAS=m
devres add d1 ma
sif add q1 bus=b1
dev init d6 probe=-EBUSY:1 bus=b1 id=x type=t1 suppress=1
deferred
dev get d2
dev add d3 bus=b1 probe=-EPROBE_DEFER parent=d2 type=t1 driver=r1 name=c1
kobj del k5
readlink devices/d3/uevent/
devres open d3 ga
dev release d1
kobj del k2
uevent d1 add A=
drv add r1 bus=b1 ids=y suppress_bind_attrs=1
sync x
dev add d1 type=t2 parent=d1 bus=b2 id=x
dev children d3
class devs c1
kobj create k1 kset=s2
deferred
drv add r2 bus=b1 ids=y devattrs=own:ro devm=ma,mb
devres dgroup d2 mb
class del c1
dev init d6 name=d1 id=x bus=b1 parent=d2 class=c1
dev del d2
devres rgroup d3 ma
bus set b1 dma=1 uevent=-ENOMEM
dev add d6 attrs=driver_override,own:ro parent=d1 norelease=1 id=x bus=b1
drv add r1 bus=b1 ids=x,y suppress_bind_attrs=1
bus find b1 x!y
stat devices/d2/driver_override
hook r3 probe
kset del s1
bus devs b1
dev set d2 probe=-EPROBE_DEFER id=x suppress=1
readlink s1/k2
bus sort b1
