# wild program: theme hook
bus add b2 notify=1 offline=1 match=-EPROBE_DEFER drvattrs=online:wo,waiting_for_supplier
bus add b1 notify=1 devattrs=driver_override,online:wo,driver,bb,da:wo,own:wo
class add c2 name=c5 uevent=1
drv add r5 bus=b1 ids=x devm=mc,mh devattrs=online:ro,waiting_for_supplier:ro
hook r5 probe link add d1 %
drv add r3 bus=b1 name=drivers_probe ids=x match=ids shutdown=0
hook r3 remove uevent d1 offline A=% B=2
drv add r1 bus=b1 probe=0 shutdown=1
dev add d5 id=y class=c2 attrs=da,driver:wo,subsystem devt=253:7
dev add d13 name=d14 id=y parent=d5 devt=246:7 suppress=1
drv add r4 bus=b2 ids=x,y probe=-ENOENT async=1 pm=1
dev get d13
drv attach r5
bus set b1 dma=1
link add d5 d13
devres add d13 mb
devres add d13 mb
devres add d13 mb
devres open d13 ga
devres rel d13 mb
devres close d13 ga
drv add r8 bus=b2 ids=x,y probe=-EPROBE_DEFER devm=md pm=1
probing block
stat bus/b2/devices/d5/uevent
dev register d5
deferred
sync pause
dev move d5 - order=after
bus rescan b1
devres dgroup d5 ga
intf add i2 class=c2
bus sort b1
dev offline d13
dev offline d13
