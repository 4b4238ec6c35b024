# Text in unbind that is not the name of the device.
bus add b uevent=1
drv add r bus=b ids=x
drv add s bus=b ids=y
dev add d1 bus=b id=x
dev add d2 bus=b id=y
dev add d3 bus=b id=z
write bus/b/drivers/r/unbind 1
write bus/b/drivers/r/unbind d2
write bus/b/drivers/r/unbind d3
write bus/b/drivers/r/unbind d1\s
write bus/b/drivers/r/unbind \sd1
write bus/b/drivers/r/unbind d1\n\n
write bus/b/drivers/r/unbind d1\nd2
write bus/b/drivers/r/unbind d
write bus/b/drivers/r/unbind d1\0junk
write bus/b/drivers/r/bind d1\0\0
write bus/b/drivers/r/bind d3
write bus/b/drivers/s/bind d3\n
write bus/b/drivers_probe d3\n
write bus/b/drivers_probe d4
write bus/b/drivers_probe \n
write bus/b/drivers/r/unbind \n
ls bus/b/drivers/r
