# wild program: theme obj
bus add b2 notify=1 shutdown=1 pm=1 match=1
type add t2 uevent=1
dev add d9 bus=b2 attrs=subsystem,driver_override:wo,ba:wo,uevent:wo,waiting_for_supplier:wo,da suppress=1
dev add d8 name=d2 id=x type=t2 devt=242:255 probe=0
drv add r1 bus=b2 ids=x probe=0 devm=ma,me,mg
hook r1 probe devres add d8 ga
drv add r4 bus=b2 ids=a,b,c,d,e,f,g,x probe=0
drv add r6 bus=b2 probe=-1 sync_state=1 noprobe=1
dev attach d9
pm noirq=1
drv add r5 bus=b2 ids=x,y,z probe=-EPROBE_DEFER async=1 sync_state=1 shutdown=1
hook r5 probe dev add %-m bus=b2 id=x
dev add d2 bus=b2
dev add d13 id=y attrs=x-y_z,aa
dev add d3 bus=b2 parent=d2 type=t2 attrs=waiting_for_supplier,driver_override:ro,cc,bb:ro,x-y_z,uevent:wo norelease=1
dev register d13
drv del r8
deferred
dev add d14 bus=b2 id=x parent=d13 attrs=online:wo,bb,cc
write devices/d13/d14/driver_override \0
devres rel d8 mb
devres close d8 gb
devres open d8 gb
stat devices/d13/d14/uevent
dev add d4 id=x
sif add f2 bus=b2
write devices/d13/d14/aa y
dev add d6 bus=b2 id=y parent=d14 attrs=driver_override
dev register d2
drv add r7 bus=b2 ids=a,b,c,d,e,f,g,x probe=-E2BIG:1 suppress_bind_attrs=1 attrs=dev,aa,uevent:ro,driver:wo,da,driver_override
stat devices/d2/ba
dev children_rev d2
bus add b3 notify=1 remove=1 offline=1 uevent=1
dev attach d6
drv add r3 bus=b3 sync_state=1
dev add d1 id=y parent=d14
dev add d5 bus=b2 id=x parent=d1
uevent d5 change K0=1 fill=62
bus sort b2
kset del s1
dev add d12 id=x parent=d5 type=t2 suppress=1
readlink bus
write devices/d13/d14/d1/online add\0
drv attach r5
hook r5 probe dev set % probe=defer:d12
dev find d13 d12
dev init d11 bus=b2 parent=d12 type=t2 attrs=online,own,dev:ro
drv add r2 bus=b3 ids=z probe=-EPROBE_DEFER shutdown=1 attrs=dev:ro,aa:wo,driver_override
hook r2 probe dev add %-k bus=b3 id=w
bus add b1 shutdown=1 match=none-cb dma=1
link add d9 d12 flags=pm_runtime
bus devs b2
readlink bus/b2/devices/d9/dev
shutdown
dev attach d9
bus set b2 match=0
class add c2 attrs=ba,da,bb devattrs=x-y_z
drv add r8 bus=b2 ids=y probe=0 suppress_bind_attrs=1 devattrs=aa:wo,driver
link add d4 d4
bus finddrv b3 r3
drv add r5 bus=b3 ids=x,y,z probe=-EACCES shutdown=1 attrs=online,driver_override:wo,uevent:wo,driver:wo,x-y_z,ba
drv add r6 bus=b2 ids=x,y probe=0 async=1 suppress_bind_attrs=1
dev add d7 bus=b2 id=z parent=d14 probe=defer:d4
dev reprobe d9
bus add b2 notify=1 shutdown=1
write devices/d13/d14/d6/driver_override ad
dev drvattach d6 r1
dev add d10 parent=d12 class=c2 type=t2 norelease=1
