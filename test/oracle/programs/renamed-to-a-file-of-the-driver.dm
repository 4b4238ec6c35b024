# The release of a device that took the name of a file of its driver's directory removes that file.
bus add b
drv add r bus=b ids=x attrs=own
dev add d1 bus=b id=x
dev add d2 bus=b id=x
dev add d3 bus=b id=x
dev rename d1 bind
dev rename d2 own
dev rename d3 uevent
ls bus/b/drivers/r
dev release d1
dev release d2
ls bus/b/drivers/r
dev attach d1
dev attach d2
dev attach d3
dev release d3
ls bus/b/drivers/r
write bus/b/drivers/r/bind d3
write bus/b/drivers/r/unbind d1
readlink bus/b/drivers/r/d1
readlink bus/b/drivers/r/bind
dev del d1
dev del d2
dev del d3
ls bus/b/drivers/r
ls bus/b/devices
drv del r
