# wild program: theme link
bus add b3 name=a!b notify=1 probe=1 remove=1 shutdown=1 override=1 pm=1 dma=1
dev add d11 bus=b3 id=y
drv add r4 bus=b3 name=a\b ids=z probe=0 shutdown=0
hook r4 remove dev set % probe=0
dev add d13 bus=b3 parent=d11
drv add r7 bus=b3 name=a=b ids=y probe=0 devm=mf,mc async=1 sync_state=1 pm=-EBUSY
hook r7 probe link add d13 % flags=pm_runtime,managed
dev init d8 bus=b3 id=x
dev add d1 id=z
drv add r8 bus=b3 ids=x probe=defer:d13 async=1 shutdown=1
drv add r3 bus=b3 ids=x,y,z devm=ma,mh pm=1
dev init d3 bus=b3 id=x parent=d1
dev add d2 bus=b3 id=z parent=d1
dev attach d12
bus del b3
dev online d3
devres open d3 ga
class add c3 uevent=-ENODATA devattrs=online:wo shutdown=1
deferred
link add d3 d13 flags=sync_state_only
