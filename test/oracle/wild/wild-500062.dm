# wild program: theme async
bus add b2 notify=1 offline=1 devattrs=ba
dev add d14 name=d2 bus=b2 id=y probe=-EEXIST:1
drv add r2 bus=b2 ids=y probe=4000 pm=-ENOTDIR
hook r2 probe dev add %-k bus=b2 id=y parent=% probe=0
dev add d7 bus=b2 id=x attrs=da,aa:ro,own,cc,online:ro,bb
dev add d13 name=d14 bus=b2 id=x attrs=driver,subsystem:wo,waiting_for_supplier:ro,own,ba:wo,dev devt=254:7
dev add d9 bus=b2 id=x
dev add d2 bus=b2 id=x probe=4000
drv set r2 probe=defer:d9
dev add d6 bus=b2 probe=-EPROBE_DEFER
write devices/d14/online 0
drv add r4 bus=b2 probe=0 pm=1
hook r4 remove dev set % probe=0
sif add f2 bus=b2
dev reprobe d6
class add c3 pm=1
dev add d3 id=z attrs=subsystem:ro,driver_override:ro probe=defer:d9
link add d3 d9
bus drvs b2
drv add r6 bus=b2 name=r4 ids=y probe=0 sync_state=1 attrs=driver
bus find b2 d13
dev find d9 d3
dev reprobe d14
dev del d9
class add c2 uevent=1 shutdown=1 pm=1
link add d14 d6 flags=managed,autoremove_consumer
drv del r2
