# A link in a driver's directory keeps the name that the device had; a release removes by the present name.
bus add b
drv add r bus=b ids=x
dev add p
dev add q
dev add a bus=b id=x parent=p
dev add c bus=b id=x parent=q
dev rename a c
ls bus/b/drivers/r
ls bus/b/devices
dev release a
ls bus/b/drivers/r
readlink bus/b/drivers/r/a
readlink bus/b/drivers/r/c
dev attach a
ls bus/b/drivers/r
readlink bus/b/drivers/r/c
dev release c
ls bus/b/drivers/r
dev attach c
ls bus/b/drivers/r
drv del r
