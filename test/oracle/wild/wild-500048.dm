# wild program: theme obj
bus add b2
type add t2 uevent=1
dev init d13 bus=b2 id=x
drv add r8 bus=b2 ids=x probe=0 async=1
dev add d7 name=d4 bus=b2 type=t2
dev add d9 id=y parent=d7
dev add d10 bus=b2 parent=d7
drv add r6 bus=b2 ids=q noprobe=1 pm=1
hook r6 probe dev add %-k bus=b2 id=x probe=0
dev add d5 bus=b2 id=z
dev find d7 d13
bus add b1 remove=1 override=1 offline=1 uevent=1 dma=1 drvattrs=dev:wo
ls bus/b2/drivers/r6/uevent
dev add d8 bus=b2 id=x parent=d10
stat devices/d4/d10/nosuch
dev init d1 bus=b1 id=z parent=d8 devt=253:255 suppress=1
dev init d2 bus=b2 id=x parent=d9 type=t2 norelease=1
link add d1 d1
ls k1/bb
ls k1/aa
devres open d7 mb
dev rename d5 d2
dev register d13
cat k1/driver_override
