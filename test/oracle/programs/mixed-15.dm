bus add b1
class add c1
dev init d2 bus=b1
dev register d4
bus add
dev children_rev d3
probing trigger
kobj uevent k4 unbind A=1
devres del d3 ma
cat class/c1/d5/device
dev put d3
write bus/b1/drivers/r4/bind d2\0x
dev register d3
dev del d4
ls  x
deferred
kobj uevent k4 offline
dev add d1 suppress=1 parent=d4 id=y class=c1 type=t1
dev init d2 id=x devt=240:0
dev add d4 id=x name=b1 attrs=bind bus=b1
bus del b1
devres add d3 ma
kobj add k4 name=k/y
bus sort b1
uevent d6 change A=1
kobj add k4 parent=k3
drv add r1 bus=b1 sync_state=1 attrs=device,online,devices ids=x,y match=9
dev add d1 class=c1 attrs=uevent,bind devt=254:255 parent=d2 norelease=1 bus=b2 id=x
bus del b2
devres rgroup d5 ma
devres add d3 ma
class add c1 uevent=1 pm=1
ls devices/d6/dev
dev init d3 bus=b1 devt=254:255 id=x class=c1 parent=d2
bus del b2
kobj add k4
drv add r1 bus=b1 devm=ma,ma ids=x,y
uevent d2 remove A=1
dev add d2 attrs=state_synced,bb,own:wo class=c1 id=x
drv devs r2
dev remove d2
hook r2 probe devres add % hk
write bus/b2/drivers/r3/bind d2\0
stat bus/b2/drivers/r1/uevent
class add c2 uevent=1 devattrs=own
dev set d2 probe=-EPROBE_DEFER
cat devices/d5/
hook r2 remove bus rescan b1
kobj init k5
write bus/b1/drivers/r2/unbind d3\n
stat bus/b1/devices/d2
dev add d2 devt=240:1 id=x
dev add d2 bus=b1 id=y parent=d3 norelease=1
kset del s1
drv attach r4
dev init d2 type=t2
class add c1 attrs=driver_override
deferred
kobj uevent k2 remove
dev add d1 attrs=state_synced devt=241:3 bus=b1
drv add r1 bus=b1 ids=y devm=ma,ma sync_state=1
dev put d1
bus drvs b1
class add c1
devres rgroup d5 ma
stat s1/k4
dev init d4 class=c1 parent=d2 attrs=bb:wo norelease=1 probe=0 bus=b1
dev del d6
hook r1 probe dev add %
drv add r2 bus=b1 ids=x,y probe=0 devm=ma,ma sync_state=1
write bus/b1/drivers/r1/unbind d4\0
dev drvattach d6 r4
stat class/c2/d2
dev set d3 probe=-EBUSY:2 id=y
ls devices/d3/own
kobj add k3 name=kx
stat bus/b1/devices/d2/subsystem
devres del d3 mb
dev attach d2
