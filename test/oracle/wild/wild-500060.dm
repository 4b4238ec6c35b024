# wild program: theme link
bus add b2 probe=1 override=0 match=ids
bus add b3 offline=1 drvattrs=uevent,own
type add t3 devattrs=uevent
drv add r3 bus=b2 name=r1 ids=x,y,z devm=mh,ma,md pm=-EIO attrs=waiting_for_supplier devattrs=uevent,driver:wo,bb:ro,waiting_for_supplier:wo,dev,cc
dev add d8 bus=b2 attrs=online,uevent:ro,dev,aa,driver:ro,x-y_z:ro
dev init d14 bus=b2 id=x parent=d8
dev init d9 bus=b2 id=y attrs=driver_override:wo,online
drv add r5 bus=b3 ids=a,b,c,d,e,f,g,x probe=0 devm=mc pm=1 attrs=uevent
hook r5 remove dev set % probe=-EACCES
drv add r6 bus=b3 ids=z probe=-ERANGE:1 async=1 sync_state=1
dev init d8 name=d14 bus=b3 id=x probe=-ENOENT
dev init d3 bus=b2 id=x parent=d8
drv add r2 bus=b3 name=* ids=z pm=1
devres dgroup d14 ga
devres close d14 ga
devres rel d14 ma
devres open d14 ga
hook r2 remove dev add %-k bus=b3 id=y
link add d8 d3
dev reprobe d9
link remove d8 d3
dev release d3
dev attach d8
dev children d14
drv add r8 bus=b2 ids=a,b,c,d,e,f,g,x probe=defer:d3 async=1
hook r8 probe dev add %-m bus=b2 id=y
dev attach d14
dev remove d3
drv add r4 bus=b2 ids=z probe=-EFAULT:2 shutdown=1
hook r4 probe
dev reprobe d14
ls devices/d9/online
link add d8 d8
reset
link add d1 d1
link add d1 d1 flags=managed,autoremove_consumer
dev children d1
link add d1 d1 flags=rpm_active,managed
dev drvattach d1 r1
cat dev/char/244:7
link add d1 d1 flags=sync_state_only,autoprobe_consumer
uevent d1 offline K0=v
link remove d1 d1
drv attach r1
link add d1 d1
dev children_rev d1
link add d1 d1
link remove d1 d1
readlink dev/char/254:255
dev add d7 id=x
link remove d1 d1
write bus/b1/drivers/r1/d7 r1
dev release d7
link add d7 d7
dev add d8 name=devices id=x parent=d7 attrs=dev:wo,aa,cc,driver_override:wo,x-y_z,online:wo
intf add i2 class=c1
sif add f2 bus=b1
drv add r8 bus=b1 ids=x,y probe=-EPROBE_DEFER:1 sync_state=1 shutdown=1
write devices/d7/devices/driver_override r8
link add d7 d7 flags=autoprobe_consumer
drv add r5 bus=b1 ids=x,y probe=-EPROBE_DEFER:3 devm=mb,mh sync_state=1 attrs=own,waiting_for_supplier:wo,subsystem,driver,uevent:ro,cc:ro devattrs=dev,waiting_for_supplier:ro,cc,x-y_z,online,uevent:ro
hook r5 probe link add d7 % flags=managed
write class/c1/own bad\q
dev add d4 id=z
link remove d1 d1
link add d7 d4 flags=sync_state_only,autoremove_consumer,rpm_active
shutdown
write nosuch bogus
reset
