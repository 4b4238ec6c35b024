bus add b1 devattrs=dev:ro
drv add r1 bus=b1 ids=x
class add c1
kset add s1 uevent=1
drv add r1 bus=b1 ids=x,y probe=517
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x
dev add d2 bus=b1 type=t1
ls devices/d5/driver_override
write bus/b1/drivers/r1/d2 -4001
cat devices/d1/dev
deferred
kobj create k5 kset=s1
devres add d3 mb
type add t2 devattrs=driver:wo uevent=-EIO
dev init d3 id=x bus=b1
dev add d1 id=x suppress=1
drv add r2 bus=b1 devm=ma,ma probe=-4000:0 ids=x pm=1
bus del b2
dev drvattach d2 r2
hook r2 probe uevent %
drv add r3 bus=b1 ids=x shutdown=1 sync_state=1
bus del b1
write bus/b1/drivers/r3/bind d5\0x
kobj add k5
dev add d4 bus=b1 type=t1
write bus/b1/drivers/r3/unbind d2
bus add b1 name=x/y notify=1 override=1
write bus/b1/devices/d2 \q
readlink class/c1/d5/
bus finddrv b1 r3
hook r3 probe bogus
write bus add\n
bus devs b1
class del c2
kset add s2 kset=s1 parent=k3 subsys=sub filter=0
dev init d1 bus=b1 id=x devt=240:0 type=t2
dev reprobe d3
dev add d1 attrs=own:ro bus=b1
dev add d3 bus=b1 probe=-EPROBE_DEFER:1 type=t1 driver=r2 id=y
drv add r2 bus=b1 devm=ma,mb ids=y
sif add q2 bus=b1
dev init d1 id=y
dev put d5
dev rename d1
bus add b1 notify=1 sync_state=1 probe=1 override=1 devattrs=bind
class del c1
kobj uevent k5 move
kset add s2 kset=s1 subsys=sub
dev add d1 id=x bus=b1 type=t2 norelease=1 name=x/y
ls bus
class add c1 name=a/b
kset add s1 kset=s1
readlink bus/b1/drivers/r4
devres rgroup d2 ma
dev remove d3
dev del d2
dev add d1 bus=b1 attrs=unbind:ro,aa,unbind:wo id=x
devres add d4 ma
dev init d2 bus=b1 class=c2 id=x devt=240:1
kobj create k3 kset=s2
	bus drvs b1
intf add i1 class=c1
kset list s1
ls bus/b1/drivers_probe
kset add s1 name=s1
write bus/b1/devices \q
kset find s1 k4
readlink bus/b1/drivers
bus del b1
drv add r3 bus=b1 devattrs=unbind match=-EPROBE_DEFER attrs=aa:ro
dev put d5
bus add b1 match=none-cb override=1 remove=1 drvattrs=unbind,devices:ro
write bus/b1/devices  add
stat bus/b1/drivers_probe
ls devices/virtual/c2/d2/subsystem
sif add q1 bus=b1
drv devs r1
write bus/b1/drivers/r2/bind d6
dev drvattach d4 r3
kset find s1 k3
dev add d4 devt=254:255 class=c1 bus=b1 parent=d1 attrs=bb,own,removable:wo
dev find d5 d3
bus del b1
dev attach d4
dev init d5 id=x probe=-EPROBE_DEFER:1 parent=d3
hook r2 remove dev del %
