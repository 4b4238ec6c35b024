# wild program: theme sysfs
bus add b1 notify=0 dma=1
type add t3 uevent=1
drv add r8 bus=b1 ids=x,y devm=me,mf,mg async=1 sync_state=1
hook r8 probe dev attach %
dev init d7 bus=b1 id=z
dev add d12 name=d14 id=z type=t3 attrs=aa,ba:ro,da:wo,online:wo,subsystem:wo,own:wo suppress=1
dev add d4 bus=b1 id=x
dev add d9 id=y parent=d4 probe=0
dev add d1
dev add d6 bus=b1
ls class/devlink
dev add d11 bus=b1 attrs=subsystem:wo
link add d7 d4 flags=autoprobe_consumer,rpm_active,stateless
write dev/char -ENOMEM\n
bus finddrv b1 r8
dev add d14 id=x attrs=waiting_for_supplier,driver_override,x-y_z devt=252:1
write devices/d4/driver_override r8
readlink class/c1/d11
dev add d10 bus=b1 id=x
write bus/b1/drivers/r8/unbind d9
ls class/devlink/b1:d4--b1:d7
intf del i1
ls class/c1
write bus/b1/drivers_autoprobe bad\q
dev init d8 bus=b1 probe=-517
dev add d2 id=y type=t3
dev init d5 bus=b1 id=y parent=d9 devt=243:7
kobj create k8
uevent d6 online K0=v
write devices/d4/d9/d5/driver_override \n
