# A device whose name is that of a file or a link of its driver, its parent or its class.
bus add b devattrs=da drvattrs=ra uevent=1
class add c attrs=ca devattrs=cda
drv add r bus=b ids=x devattrs=dda attrs=rr devm=m
dev add d1 name=bind bus=b id=x
dev add d2 name=uevent bus=b id=x
dev add d3 name=rr bus=b id=x
dev add d4 name=ra bus=b id=x
ls bus/b/drivers/r
ls bus/b/devices
dev add p bus=b id=y
dev add k1 name=driver parent=p
dev add k2 name=dda parent=p
dev add k3 name=da parent=p
dev add k4 name=subsystem parent=p
dev add k5 name=uevent parent=p
dev set p id=x
dev attach p
ls devices/p
dev del k1
dev attach p
ls devices/p
dev del k2
dev attach p
ls devices/p
dev add n1 name=ca class=c
dev add n2 name=cda class=c parent=p
dev add n3 name=c parent=p
ls class/c
ls devices/p
dev del n2
dev del n3
dev add n4 name=c parent=p
dev add n5 name=z class=c parent=p
ls devices/p
ls devices/p/c
drv add q name=bind bus=b
drv add t name=drivers bus=b
ls bus/b/drivers
