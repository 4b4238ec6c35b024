# wild program: theme async
bus add b3 remove=1 offline=1 uevent=1 drvattrs=online:wo
type add t1
drv add r7 bus=b3 name=/x ids=y probe=0 sync_state=1 devattrs=driver_override,uevent:wo,dev
drv add r3 bus=b3 name=drivers_probe ids=x async=1 pm=1
hook r3 probe dev add %-m bus=b3 id=y parent=%
drv add r5 bus=b3 ids=x,y probe=-EPROBE_DEFER suppress_bind_attrs=1
dev add d10 bus=b3 id=y devt=253:0
dev add d2 name=a:b bus=b3 id=x parent=d10 type=t1 attrs=driver,aa:ro,ba,own:wo,online:ro,uevent
drv add r1 bus=b3 ids=x,y probe=0 devm=mh async=1
dev del d2
sync pause
cat k1/online
type add t3 uevent=1
dev put d10
ls bus/b3/drivers/r1/nosuch
dev attach d10
bus rescan b3
dev find d10 d10
drv set r7 devm=na,nb
link add d10 d10 flags=pm_runtime
hook r5 remove
stat devices/d10/x-y_z
sif add f2 bus=b3
bus sort b3
dev add d13 bus=b3 parent=d10 type=t3 driver=r7 probe=0
ls dev/char
dev add d5 parent=d13 probe=-EPROBE_DEFER:1
link remove d10 d10
hook r3 probe
write bus/b3/drivers/r1/bind d13
bus devs b3
dev move d5 - order=last
class add c2 devattrs=x-y_z
dev move d10 -
