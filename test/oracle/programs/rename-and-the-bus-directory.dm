# Links of bus and driver after renames back and forth, and when another device of the name leaves.
bus add b notify=1
drv add r bus=b ids=x
dev add p
dev add d1 bus=b id=x
dev add d2 bus=b id=x parent=p
dev rename d1 tmp
dev rename d2 d1
dev rename d1 d2
ls bus/b/devices
ls bus/b/drivers/r
readlink bus/b/devices/d1
dev release d1
dev release d2
ls bus/b/drivers/r
dev attach d1
dev attach d2
ls bus/b/drivers/r
dev add d3 bus=b id=x parent=p
dev rename d3 d2
dev rename d1 d3
dev del d1
ls bus/b/devices
ls bus/b/drivers/r
dev add d4 bus=b id=x name=d3
dev add d5 bus=b id=x name=d1
ls bus/b/devices
ls bus/b/drivers/r
dev rename d2 d1
dev del d2
ls bus/b/devices
ls bus/b/drivers/r
dev del d3
ls bus/b/devices
ls bus/b/drivers/r
