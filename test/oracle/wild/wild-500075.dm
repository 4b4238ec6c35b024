# wild program: theme class
bus add b2 notify=1
bus add b3 name=r1 notify=1 match=-EBADF uevent=-ENOSYS drvattrs=driver_override:ro,subsystem,own,dev,driver,waiting_for_supplier
class add c3 uevent=-EXDEV devattrs=subsystem
type add t3 devattrs=waiting_for_supplier:ro
drv add r5 bus=b3 name=uevent ids=q shutdown=1 pm=1
hook r5 probe dev add %-m bus=b3 id=y
dev init d3 name=a@b bus=b2
dev add d13 bus=b3 id=x type=t3
drv add r4 bus=b2 ids=z
dev init d2 name=(null) bus=b9 id=z parent=d13 attrs=own
dev add d1 id=y type=t3 probe=0
ls devices/a@b/uevent
ls devices/a@b/subsystem
dev release d13
bus devs b14
dev set d1 id=x probe=0
dev reprobe d2
dev release d3
link add d1 d1 flags=autoprobe_consumer,managed
class add c2 name=éü uevent=1 attrs=ba:wo,waiting_for_supplier devattrs=da:wo,own,driver,x-y_z,subsystem,online shutdown=1
dev release d2
dev bind d2 r5
dev release d2
hook r4 probe dev set % id=x
dev add d8 bus=b2 id=y type=t3 probe=defer:d2 norelease=1
dev rename d2 d1
cat dev/char/243:7
link remove d1 d1
cat devices/d1/consumer::d1
bus add b1 notify=1 remove=1 uevent=1 dma=-EPROTO
dev set d2 probe=1
class del c3
devres add d20 mb
devres rgroup d20 gb
devres add d20 ma
devres open d20 gb
stat bus/b1/devices/d1/driver
