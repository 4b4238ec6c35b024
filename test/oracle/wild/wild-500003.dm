# wild program: theme class
bus add b2 name=0 notify=1 shutdown=0 uevent=1
class add c3 name=... pm=1
type add t1 devattrs=waiting_for_supplier,driver:wo
dev add d5 bus=b2 id=z
drv add r2 bus=b2 name=* ids=x probe=-ENOENT:1 match=-ESPIPE devm=md devattrs=uevent,subsystem,own,driver,online:wo,bb
drv add r1 bus=b2 name=power2 ids=x probe=0 noprobe=1 attrs=dev:wo,da
drv add r4 bus=b2 ids=q devm=mh,md,mf pm=1 attrs=driver_override:ro,waiting_for_supplier:wo,online,dev:ro,x-y_z:wo,uevent:wo
dev add d6 id=x parent=d5 class=c3 type=t1 attrs=own:wo,cc devt=252:255
drv add r5 bus=b2 ids=x probe=0
hook r5 remove dev set % id=x
devres open d6 ga
devres add d6 mb
devres dgroup d6 ga
devres close d6 gb
devres add d6 mb
devres rgroup d6 ga
ls a/../b
dev move d6 - order=last
dev add d3 name=x/ bus=b2 id=y parent=d5
readlink devices
write devices/d6/driver x!\0zz
dev set d3 probe=0
readlink devices/d6/aa
dev online d3
write class/.../x! add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee
dev add d10 name=x/ id=z parent=d3 class=c3 attrs=bb:ro
bus find b2 d5
dev release d6
sif add f2 bus=b2
dev reprobe d3
drv add r8 bus=b2 ids=q probe=defer:d6 devm=ma,mf
drv del r5
dev move d10 -
dev add d4 name=unbind bus=b2 id=y parent=d3
write bus/0/drivers/power2/bind 0
bus del b2
drv add r3 bus=b1 ids=x pm=-EBADF devattrs=ba,online,cc
dev del d3
pm noirq=0
cat nosuch
dev online d10
bus drvs b1
devres open d3 gb
devres rgroup d3 gb
devres add d3 ma
devres dgroup d3 gb
