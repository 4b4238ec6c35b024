# wild program: theme mixed
bus add b2 notify=1 dma=1 drvattrs=subsystem,ba,da:wo,own:wo,dev:ro,driver_override
type add t1
dev init d11 bus=b2 attrs=x-y_z:ro
dev add d5 bus=b2 id=x
dev add d2 bus=b2 parent=d5
drv add r7 bus=b2 ids=q probe=-EPROBE_DEFER:3 devm=mh async=1
dev add d4 id=x type=t1
drv add r8 bus=b2 ids=x sync_state=1
intf add i2 class=c1
dev release d2
ls devices/d4
type add t2 uevent=1
bus sort b2
dev set d5 probe=0
readlink devices/d5/driver
dev set d11 id=x
dev offline d2
kobj create k8
dev move d4 - order=after
dev attach d11
drv add r3 bus=b2 ids=z
dev release d5
dev init d12 bus=b2 id=x parent=d2
dev get d2
cat class
dev set d12 id=x probe=0
kobj create k7 parent=k8
drv add r4 bus=b2 ids=x,y probe=1 devm=mf,me,mg sync_state=1
hook r4 remove dev add %-k bus=b2 id=w parent=% probe=0
dev set d12 id=y
link add d5 d11 flags=autoremove_consumer,autoprobe_consumer
dev put d11
hook r4 remove
dev attach d12
drv del r4
bus set b2 dma=-ENOMEM
dev add d3 bus=b2 id=z parent=d2 probe=4000
readlink devices/d5/d2/d3/x-y_z
bus set b2 match=0
dev init d7 bus=b2 id=x parent=d3 type=t2 attrs=bb,x-y_z
deferred
ls devices
cat class/c1/d4
readlink bus/b2/drivers/r3
bus set b2 match=0
write bus/b2/drivers_autoprobe d12
deferred
class add c1
dev move d7 d7
ls devices/d5/d2/d3
cat devices/d5/d2/d3
bus drvs b2
sif add f1 bus=b2
dev attach d5
ls k8/da
link add d4 d7
kset add s4 filter=0
drv add r4 bus=b2 ids=y
link add d7 d4 flags=pm_runtime
dev register d7
sif add f2 bus=b2
type add t3
intf add i3 class=c1
bus finddrv b2 r4
kset find s4 k8
readlink dev/char/248:7
dev rename d2 n1
kset add s1 subsys=a-b
drv del r7
cat class/c1/d7/uevent
sync pause
ls devices/d5/d2/d3/d7/d7/waiting_for_supplier
