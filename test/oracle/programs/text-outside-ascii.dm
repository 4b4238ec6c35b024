# bytes outside ASCII in names, attributes and events
bus add b override=1 uevent=1 devattrs=note
drv add büro bus=b
drv add r name=büro bus=b ids=x
dev add d bus=b id=x
write devices/d/driver_override büro\n
cat devices/d/driver_override
write devices/d/note größe
write bus/b/drivers/büro/unbind d
write devices/d/uevent add 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=ü
uevent d change NAME=Süd
dev add e name=gerät bus=b id=y
write bus/b/drivers_probe gerät\n
write devices/d/driver_override gerät
write bus/b/drivers/büro/bind d
