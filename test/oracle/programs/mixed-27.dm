bus add b1 notify=1
drv add r1 bus=b1 ids=x
class add c1 uevent=1
drv add r1 bus=b1 ids=x,y probe=defer:d4 devm=ma,mb
drv add r2 bus=b1 ids=x probe=-EPROBE_DEFER:1
dev add d1 bus=b1 id=x parent=d2
dev add d2 bus=b1 id=x type=t1
dev add d5 class=c1 parent=d3
kobj create k1 kset=s1
dev del d2
sif del q1
drv add r1 bus=b1 ids=x
dev add d1 id=x suppress=1 attrs=state_synced,removable:ro
class del c2
drv add r1 bus=b1 devattrs=unbind:wo shutdown=1 devm=ma ids=y
dev add d3 probe=defer:d2 id=y suppress=1 devt=240:0 bus=b1
kobj put k3
write bus/b2/drivers/r3/aa xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sif add q1 bus=b1
drv add r4 bus=b1 probe=0
write bus/b1/drivers/r4/bind d2\s
dev init d6 class=c2 probe=-ENXIO bus=b1
dev add d2 parent=d3 bus=b2
dev release d6
kobj add k5 parent=k1
probing trigger
bus sort b1
write bus/b1/drivers/r2/bind d4\s
bus drvs b1 	
cat devices/d3/uevent
ls devices/d2/uevent/x
uevent d3 offline
bus add b1 notify=2
kobj create k4 kset=s1
intf add i1 class=c2
drv add r4 bus=b2 noprobe=1 ids=x
write devices/d3/bind -5
dev bind d2 r1
dev set d5 id=x
kset add s1 subsys=sub uevent=-EIO parent=k3
kobj add k5 parent=k2 name=kx
bus add b1 override=1 notify=1 probe=1 uevent=1 sync_state=1 match=none-cb
hook r1 remove cat devices/%/uevent
bus set b1
probing unblock
link add d1 d2 flags=x
bus del b1
bus add b1 uevent=1 drvattrs=unbind
drv add r4 bus=b1 sync_state=1 ids=x
hook r1 probe dev set d1 probe=0
dev add d5 parent=d3 bus=b1 norelease=1 id=x class=c1
bus drvs b1
write bus/b1/drivers/r1 0
write bus/b1/drivers/r1/unbind d3
bus add b1 match=7 battrs=bb:wo,bb override=1 dma=-EIO sync_state=1 probe=1 notify=1
drv add r1 bus=b1 probe=0 suppress_bind_attrs=1
dev children d3
dev set d4 id=y suppress=1
drv add r1 bus=b1 devattrs=bb:ro
stat bus/b1/drivers/r2/uevent
dev init d2 parent=d1 bus=b1 devt=254:255 id=y
drv add r1 bus=b1 attrs=state_synced ids=y
bus del b1
dev set d5 probe=defer:d3 id=x
bus add b1 override=1 notify=1 match=7 devattrs=bb name=b2
cat devices/d2/dev
dev set d3 probe=-EPROBE_DEFER id=y
readlink devices
drv add r4 bus=b1 sync_state=1 ids=y attrs=unbind:wo,own,uevent
bus del b1
dev init d6 id=y bus=b1
kset list s2
kobj create k1
class devs c1
kset del s1
class devs c1
deferred
drv add r1 bus=b1 probe=1:1 devattrs=bind
bus del b1
ls bus/b1/drivers/r2
dev add d3 id=y bus=b1 probe=-EPROBE_DEFER
dev children_rev d4
dev add d1 bus=b1 type=t2
bus sort b2
deferred
class add c2
uevent d2 unbind A=1
dev init d2 devt=254:255 type=t1 attrs=uevent:ro,bind:wo parent=d2 bus=b1
drv add r1 bus=b1 match=1 attrs=driver,aa,own:wo devm=ma,ma ids=y
kobj add k5 parent=k2
dev init d5 id=y norelease=1 bus=b1
deferred
dev add d2 bus=b2 id=x suppress=1
ls class/c1/d1
dev add d1 id=y bus=b1
readlink bus/b2/drivers/r2/d3
class add c1 devattrs=bind
hook r2 probe devres rgroup % ga
dev attach d2
write bus/b2/drivers/r1/bind d5
dev children_rev d5
kobj init k3
dev add d1 id=y parent=d6 bus=b1
write bus/b1/drivers/r4/unbind d3\0
drv add r3 bus=b1 ids=y
dev children d2
deferred
hook r3 probe bus rescan b1
drv add r1 bus=b1 attrs=drivers_probe,uevent,uevent ids=x,y probe=-EPROBE_DEFER:1
kobj add k5
kobj get k3
dev init d3 devt=240:0 parent=d3 id=x
bus drvs b1
uevent d3 offline
dev add d2 bus=b1 class=c1 parent=d1
