# wild program: theme sysfs
bus add b2 notify=1 probe=0 remove=1 match=ids
type add t2 uevent=1
dev add d4 name=(null) bus=b2 id=y
drv add r6 bus=b2 name=b1 ids=x pm=-E2BIG
dev add d1 bus=b2 id=z parent=d4
dev add d13 bus=b2 id=z attrs=da probe=0
dev add d6 name=-- id=x
dev remove d1
stat class/c1/(null)
cat devices/(null)/
cat bus/b2/drivers/b1/unbind
dev rename d1 d1
write bus/b2/drivers/b1/bind d13
ls bus/b2/uevent
write bus/b2/drivers/b1/-- b1
write devices/--/online add\0
sif add f3 bus=b2
readlink bus/b2/drivers/b1/uevent
dev add d9 id=x parent=d6 type=t2
dev add d11 bus=b2 id=z parent=d13
ls class/c1/online
write bus/b2/drivers_autoprobe on
write class/devlink add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A
write bus/b2/drivers/b1/unbind --
dev move d13 - order=last
dev release d1
kobj create k8
write devices/--/uevent on
drv add r3 bus=b2 ids=a,b,c,d,e,f,g,x probe=-EPROBE_DEFER devm=mg,ma,md,mb,mc,me,mf,mh
hook r3 probe drv set r3 probe=0:3
dev add d5 bus=b2 id=z type=t2
link remove d1 d5
write devices/--/d9/uevent -ENOMEM\n
dev move d13 d9 order=after
sif add f1 bus=b2
drv add r2 bus=b2 probe=0 shutdown=0
hook r2 remove dev add %-k bus=b2 id=y parent=% probe=0
write class/c1/-- -EIO
cat class/devlink
ls class/devlink
link remove d6 d9
ls k8/bb
cat class/c1
cat devices/(null)/d1/cc
dev release d6
write devices/--/d9/uevent d13
dev add d12 bus=b2 id=x devt=247:0
write devices/--/d9/d13/uevent --
dev reprobe d13
bus rescan b2
