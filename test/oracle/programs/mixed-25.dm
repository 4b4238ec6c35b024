bus add b1 override=1 uevent=1
hook r4 probe bogus
intf del i2
sif del q2
dev find d3 d1
dev add d3 bus=b1 id=x driver=r2 devt=241:3 type=t1
class add c1 pm=1 uevent=1 shutdown=1
drv add r1 bus=b1 ids=y attrs=bind,uevent:wo shutdown=1
class add c1 uevent=1 devattrs=bb shutdown=1 attrs=device,waiting_for_supplier:ro
type add t2 devattrs=bind:wo,drivers_probe,devices
stat bus/b1/drivers/r3
drv add r1 bus=b1 ids=x noremove=1 probe=-EBUSY:0
bus add b1 probe=1
deferred
class del c2
drv set r4 ids=y probe=-EPROBE_DEFER:1
pm x=1
dev add d4
stat devices/virtual/c1
cat class
bus add b1 pm=1 notify=1
drv add r2 bus=b2 ids=x,y devattrs=subsystem
kobj create k5 kset=s2 parent=k4
bus del b1
sif add q1 bus=b2
drv add r1 bus=b1 ids=x,y devm=ma,mb,mc
write devices/d6/driver change
dev add d5 bus=b1 id=x suppress=1 name=x/y
bus devs b1 start=d3
dev add d2
cat devices/virtual/c2
kobj add k2 parent=k2
dev init d4 attrs=aa:wo devt=241:3 id=y driver=r2 type=t2
dev set d2 suppress=0
probing trigger
class add c1
write bus/b1/drivers/r3/unbind d2\n
write devices/d1/uevent/x a\nb\n
kobj init k4 attrs=unbind kset=s2
bus add b1 name=x/y uevent=1 dma=-EIO
drv add r1 bus=b1 ids=y devattrs=state_synced:ro shutdown=1 name=n1
cat bus/b1/drivers_autoprobe
write bus/b2/drivers/r4/bind d1
write bus/b1/drivers/r3/bind d5\0x
bus add b1 uevent=1 probe=1 drvattrs=own:ro
