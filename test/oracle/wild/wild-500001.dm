# wild program: theme mixed
bus add b2 name=a/b/c notify=1 shutdown=1 offline=1 uevent=1
bus add b3 probe=0 uevent=-EXDEV
dev add d3 bus=b2
drv add r2 bus=b2 name=r2 ids=x probe=0 devm=mh,mf noprobe=1 devattrs=x-y_z:ro,ba:ro,waiting_for_supplier
hook r2 probe dev add %-m bus=b2 id=y
dev add d1 bus=b2 id=x
dev offline d3
link add d1 d1 flags=autoprobe_consumer,autoremove_consumer
link add d3 d1 flags=sync_state_only
kobj create k3 attrs=driver,driver_override,bb
link add d3 d1 flags=stateless,sync_state_only,managed
dev add d12 bus=b3 id=y probe=defer:d1
dev rename d12 d2
bus find b2 d1
shutdown
stat k3/aa
dev init d6 name=unbind bus=b3 parent=d12
hook r2 probe dev add %-k bus=b2 id=x class=c1
type add t2 uevent=1 devattrs=cc:wo
bus set b2 match=0
bus add b1 notify=1 probe=1 dma=1
dev reprobe d1
bus devs b3 start=d3
shutdown
dev release d12
dev bind d12 r2
dev set d6 suppress=1
intf add i1 class=c1
bus devs b1 start=d1
dev add d13 bus=b2 id=z parent=d3 type=t2
kset add s2 name=9z subsys=-
dev add d2 bus=b2 id=x parent=d3
ls bus/b3/aa
bus set b1 dma=1
