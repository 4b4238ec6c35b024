# wild program: theme class
bus add b1 notify=1 remove=1 offline=1 uevent=1
class add c2 uevent=1 attrs=driver,da:wo,aa:wo,subsystem:wo,driver_override,uevent:ro shutdown=1
type add t1 uevent=-ENOSPC
dev add d10 name=d1 id=z class=c2
drv add r8 bus=b1 name=b1 ids=z devm=mc async=1
drv add r5 bus=b1 ids=x devm=mb,md,mc async=1 pm=1
dev add d13 bus=b1 id=x parent=d10 class=c2 type=t1
dev add d8 bus=b1 id=x
drv add r2 bus=b1 name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ids=z probe=defer:d10 devm=mb,mc,ma pm=1 devattrs=dev
hook r2 probe
devres dgroup d13 ga
devres open d13 ga
devres add d13 mb
devres close d13 gb
devres add d13 ma
devres rel d13 mb
drv del r8
write bus/b1/drivers/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/unbind d13
dev add d4 bus=b1 id=y parent=d13 probe=0:3
stat bus/b1/devices/d13/bb
