bus add b1 notify=1
class add c1
type add t1 uevent=1
drv add r1 bus=b1 ids=x,y sync_state=1 devattrs=dev probe=-EPROBE_DEFER devm=ma,mb
drv add r2 bus=b1 ids=x probe=0
dev add d1 bus=b1 class=c1 parent=d6
dev add d2 bus=b1 attrs=r1 id=x parent=d6
dev add d3 bus=b1 class=c1 id=x devt=240:1 attrs=unbind,uevent:ro,aa:ro
write bus/b1/drivers/r1/bind d2
dev init d3 devt=240:1 probe=-EPROBE_DEFER:1 id=x bus=b1
drv add r1 bus=b1 match=none-cb
bus drvs b1
dev add d4 bus=b1 probe=-EPROBE_DEFER:1 name=r1 id=y
drv del r4
dev del d6
drv add r1 bus=b1 ids=x devm=ma,mb,mc
hook r1 probe dev del d6
write bus/b1/drivers/r2/unbind d2\n\n
kobj create k2 parent=k3
dev add d2 suppress=1 bus=b1 name=uevent
type add t2
write bus/b1/drivers/r1/unbind d3\n\n
kobj uevent k3 unbind
intf del i1
readlink devices/d6/state_synced
class add c2
kobj add k2 parent=k5 name=k1
dev add d2 id=y devt=240:0
kobj init k4
kobj create k2 kset=s1
drv add r1 bus=b1 probe=-EPROBE_DEFER ids=x,y
kobj init k1 kset=s2
devres dgroup d4 ma
kobj uevent k2 change A=1
probing unblock
kobj create k1
write bus/b1/drivers/r2/bind d3\s
dev set d2
bus del b1
write devices/virtual/c1 y
dev set d5 probe=defer:d1
dev add d6 devt=254:255 bus=b1 id=x
cat bus
kset add s1 filter=0 kset=s2
bus del b1
dev set d4
dev add d2
bus add b1 notify=2
kset add s2
write devices/d1/uevent/ \\ \t\s
intf del i2
kobj init k4 kset=s1
dev set d6 id=x probe=-EPROBE_DEFER:1
write bus/b1/drivers/r2/unbind d3\n
uevent d1 offline
kobj init k4
devres rgroup d3 mb
dev set d6
drv add r2 bus=b2 devm=ma,ma probe=-517
kobj init k4
write bus/b1/uevent -EIO
devres dgroup d2 ga
dev add d1 class=c2 probe=-EPROBE_DEFER:1 bus=b1 parent=d6 attrs=bind devt=241:3 id=x
dev add d4 attrs=uevent bus=b1 id=y
dev set d3 id=y
dev init d5 parent=d2 probe=0 id=y
kobj add k1
drv add r2 bus=b1 suppress_bind_attrs=1 devm=ma,mb
hook r2 probe bogus
intf del i2
bus set b1 match=-EPROBE_DEFER
bus set b1 match=-EPROBE_DEFER uevent=1 dma=-EIO
dev add d1 attrs=online bus=b1
stat bus/b1/drivers/r2/d5
dev del d4
deferred
class add c1
uevent d1 add fill=x
intf add i1
hook r2 remove drv set r3 probe=-EPROBE_DEFER
bus rescan b1
write bus/b1/drivers/r4/bind d2\0x
probing trigger
ls devices/d3/subsystem
dev add d2 parent=d2 bus=b1 id=x attrs=dev
kobj init k4 kset=s1
stat dev/char
write devices/d6/dev \0
drv set r2 match=ids
dev bind d2 r1
uevent d3 change
class add c1 uevent=1
hook r3 remove drv set
ls devices/d4/c1/d6
probing unblock
kobj add k4
kobj create k3 parent=k3
write bus/b1/drivers/r4/bind d4\n\n
dev set d1 probe=-EPROBE_DEFER:1
write bus/b2/drivers/r1/uevent add
bus add b1 uevent=1 override=1 drvattrs=bb
bus add b1 notify=
bus del b1
dev init d1 bus=b1 class=c1 attrs=bind,driver:wo type=t1
dev put d1
drv add r2 bus=b1 devattrs=waiting_for_supplier,c1,bb probe=0
shutdown x
devres rgroup d5 ma
kobj create k2 kset=s1
hook r1 probe devres add % hk
drv del r3
dev add d5 bus=b1 id=y parent=d3 name=d1 class=c1
cat dev/char
dev add d3 class=c2 parent=d2 bus=b1
kobj add k2
devres add d2 mb
deferred
drv del r1
dev add d2 id=y parent=d3 name=b1
dev set d2 probe=0
dev drvattach d6 r1
kset list s2
dev reprobe d5
kset add s1 uevent=-EIO subsys=- name=s1
dev add d3 id=y bus=b1
devres del d6 mb
