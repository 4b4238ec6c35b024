# NUL bytes in the other files of the core.
bus add b uevent=1 battrs=ba devattrs=da
drv add r bus=b ids=x
dev add d bus=b id=x
write bus/b/drivers/r/unbind \0
write bus/b/drivers/r/unbind d\0
write bus/b/drivers/r/bind \0d
write bus/b/drivers_probe \0
write bus/b/drivers_probe d\0\n
write bus/b/drivers/r/unbind d\n\0
write bus/b/drivers_autoprobe \0
cat bus/b/drivers_autoprobe
write bus/b/drivers_autoprobe 0\0
cat bus/b/drivers_autoprobe
write devices/d/uevent \0
write devices/d/uevent add\0\0
write devices/d/uevent add\0\n
write devices/d/uevent change\n\0
write devices/d/uevent change\s0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8\0
write devices/d/uevent change\s0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8\sA=1\0
write devices/d/uevent change\s0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8\sA=\01
write devices/d/da \0
write devices/d/da -EIO\0
write devices/d/da a\0b
write bus/b/ba \0-5
