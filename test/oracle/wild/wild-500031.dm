# wild program: theme class
bus add b3 notify=1 offline=1 dma=1 devattrs=dev,x-y_z,driver_override
bus add b2 probe=1 remove=1 pm=1 uevent=1 dma=1 devattrs=driver_override,cc:ro,subsystem drvattrs=waiting_for_supplier
class add c2 uevent=1 shutdown=1
type add t1
drv add r4 bus=b3 ids=y probe=-1 devm=mc,mb,me pm=-EOPNOTSUPP devattrs=online,subsystem,ba:wo
hook r4 remove dev del %-k
drv add r6 bus=b2 ids=y async=1
hook r6 remove cat x
drv add r8 bus=b2 ids=z probe=0 devattrs=x-y_z,ba:ro
dev add d1 bus=b3 devt=247:1
drv add r5 bus=b2 ids=x,y,z probe=defer:d1
hook r5 remove
dev add d3 id=z class=c2
write bus/b2/drivers/r5/unbind d3
pm noirq=1
dev release d3
