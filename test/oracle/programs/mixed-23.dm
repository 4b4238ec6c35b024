bus add b1 override=1
drv add r1 bus=b1 ids=x
kset add s1
drv add r1 bus=b1 ids=x,y probe=5:1 sync_state=1
drv add r2 bus=b1 ids=x devattrs=uevent,uevent,unbind:wo
dev add d1 bus=b1 id=x class=c1 attrs=bind,drivers,d1
dev add d2 bus=b1 class=c1 id=x type=t1
dev add d3 bus=b1 id=x
dev add d4 bus=b1 id=x parent=d3
kobj create k1
kobj create k2 kset=s1
kobj create k3 kset=s1 parent=k3
dev init d1 type=t1 class=c1 parent=d2 devt=240:1
class add c2 attrs=online:wo devattrs=driver uevent=1
dev init d1 id=y bus=b1 devt=240:1 class=c1 parent=d3
drv add r3 bus=b1 sync_state=1 devm=ma,mb suppress_bind_attrs=1 noprobe=1 ids=y
class devs c2
kobj del k2
hook r1 remove dev add %
bus add b1 battrs=own:wo dma=1 uevent=1 notify=1 probe=1
bus rescan b1
dev add d2 id=x bus=b1 parent=d1
hook r3 remove uevent % change A=%
kobj create k1 kset=s2
dev children d6
kobj add k5
cat k3
bus add B1
drv devs r1
ls s1
write bus/b1/drivers/r2/bind d6\s
bus add b1 notify=1
kset add s1 subsys=- kset=s2
kset add s1 subsys=- uevent=-EIO filter=1 kset=s1
kobj init k1 parent=k2
uevent d3 online MODALIAS=m
dev add d3 norelease=1 class=c1 id=x bus=b1
dev add d2 devt=254:255 id=y bus=b1 type=t1
write nope \n
drv del r1
dev add d2 type=t2 devt=254:255 bus=b1 class=c1
cat /x
bus set b1 dma=-EIO
write bus/b1/drivers/r2/bind d2
drv add r1 bus=b1 shutdown=1 probe=defer:d4 sync_state=1
dev add d3 devt=240:0 attrs=drivers_autoprobe:ro suppress=1 id=y parent=d1
devres rgroup d5 mb
uevent d2 online fill=40 A=1 B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
uevent d1 remove A=1
kobj create k5 kset=s2
dev init d3 id=x bus=b1 attrs=unbind suppress=1
dev drvattach d3 r1
dev add d4 probe=-EPROBE_DEFER:1 bus=b1 norelease=1 id=x type=t2 attrs=unbind
probing foo
kobj del k1
stat bus/b1/drivers/r1/bind
bus devs b1 start=d6
bus add b1 override=1 match=0
type add t2
probing unblock
devres add d1 ma
kobj create k3 attrs=unbind:ro
