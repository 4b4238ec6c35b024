# A name conflict in the group that a bus gives to its drivers: the driver stays, the link to its device goes.
bus add b drvattrs=aa,d1,cc
dev add d1 bus=b id=x
dev add d2 bus=b id=x
drv add r bus=b ids=x
ls bus/b/drivers/r
readlink devices/d1/driver
readlink bus/b/drivers/r/d1
dev release d1
dev attach d1
ls bus/b/drivers/r
drv add q bus=b ids=x attrs=own,d1
drv del r
dev attach d1
drv add q bus=b ids=x attrs=own,d1
ls bus/b/drivers/q
drv del q
dev reprobe d1
drv add q bus=b ids=x attrs=d2
ls bus/b/drivers
