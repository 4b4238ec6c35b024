# wild program: theme dev
bus add b2 notify=0 probe=1 devattrs=uevent:wo,online,own:wo,driver:wo,cc:ro,subsystem:wo
type add t1 uevent=1
drv add r5 bus=b2 ids=z probe=0 match=ids devm=md noremove=1 pm=1
hook r5 probe
dev init d9 bus=b2 id=z probe=-EBUSY
dev add d1 name=drivers bus=b2 type=t1
drv add r1 bus=b2 ids=x probe=defer:d9
dev add d6 name=d9 bus=b2 id=x type=t1 norelease=1
drv add r7 bus=b2 ids=q probe=-EIO
hook r7 remove dev add %-m bus=b2 id=y
dev add d12 bus=b2 id=x parent=d1 type=t1
drv add r6 bus=b2 ids=x probe=0 devm=me,mh,mb async=1 shutdown=1
dev add d8 bus=b2 id=x parent=d12 type=t17
write class/c1/d8/uevent change
devres rgroup d6 gb
devres add d6 mb
devres rel d6 mb
devres open d6 gb
dev move d6 d9 order=after
dev del d1
ls k1
bus set b2 match=none-cb
bus add b1 match=ids uevent=1 dma=1 drvattrs=dev
dev release d8
type add t3
dev release d6
dev online d12
dev del d12
dev add d7 name=%d bus=b1 devt=247:7
dev init d10 name=a:b bus=b2 id=z
ls class/c1/a:b/uevent
deferred
link add d10 d10
dev drvattach d10 r6
write bus/b2/drivers/r7/unbind n
uevent d7 change K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=a:b fill=60
write devices/d9/d9/driver_override
dev release d6
dev move d10 -
bus sort b2
