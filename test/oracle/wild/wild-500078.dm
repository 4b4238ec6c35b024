# wild program: theme async
bus add b1 notify=1 override=1 offline=1 battrs=dev,online
bus add b3 notify=1 sync_state=1 offline=1 dma=1
type add t3 uevent=1
dev add d3 bus=b3 id=z devt=253:255
dev add d6 name=A bus=b1 id=y parent=d3
dev add d9 parent=d6
drv add r2 bus=b3 name=éü ids=a,b,c,d,e,f,g,x probe=0 async=1
dev add d13 bus=b1 id=y suppress=1
dev add d8 bus=b1 id=x parent=d9 attrs=driver_override:wo suppress=1
drv attach r2
uevent d13 offline
dev rename d6 d1
dev add d2 name=a"b bus=b3 id=z parent=d8
link remove d3 d2
drv attach r2
devres rel d2 mb
devres add d2 ma
devres open d2 ga
devres add d2 mb
devres close d9 ga
write devices/d3/d1/driver_override add\0
dev drvattach d6 r2
hook r2 probe
dev del d3
dev del d13
dev add d12 bus=b1 id=y parent=d13
hook r2 probe
drv attach r2
link remove d6 d12
link add d9 d6 flags=pm_runtime,autoremove_consumer
intf add i1 class=c1
drv add r1 bus=b3 name=9z ids=x,y probe=0 noremove=1 attrs=uevent:wo,bb,waiting_for_supplier,cc,own,aa
bus rescan b1
dev put d9
ls bus/b3/drivers_probe
link add d6 d9
dev drvattach d9 r2
hook r1 probe
pm noirq=0
dev add d10 bus=b3 id=x
type add t2
pm
drv add r5 bus=b1 name=9z ids=x,y,z probe=0 async=1 pm=1
dev add d5 name=(null) bus=b3 id=x driver=r1
hook r2 probe
