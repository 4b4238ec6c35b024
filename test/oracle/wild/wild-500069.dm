# wild program: theme sysfs
bus add b3 shutdown=1 offline=1 match=-1 uevent=1 battrs=x-y_z:ro
bus add b2 sync_state=1
drv add r6 bus=b3 ids=x,y,z
hook r6 remove dev add %-m bus=b3 id=y
dev add d6 name=d7
dev init d8 bus=b3
write class/c1 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed\n
ls devices/d7/driver
dev put d6
dev offline d8
stat bus/b2/devices/d8/uevent
dev add d7 id=x suppress=1
ls devices/d8
write bus/b3/drivers/r6/unbind add
cat devices/d7/driver_override
bus add b1 notify=1 uevent=1 devattrs=driver:wo,online:ro,own:ro,x-y_z:ro,aa:wo,waiting_for_supplier
cat s1
write bus/b3/drivers/r6/bind d7
kobj init k8 attrs=subsystem
ls s1/k8
write bus/b3/devices/d7 add\0
stat dev/char
write bus/b3/drivers/r6/bind -517
dev add d2 name=d12 bus=b2 id=y parent=d7 attrs=cc
drv add r8 bus=b3 devm=mg,md devattrs=cc,da:ro,driver,dev,ba,driver_override:wo
kset add s1 uevent=-EISDIR
write bus/b3/drivers/r6/bind d12
type add t1 devattrs=own:wo,dev
link remove d6 d2
dev release d7
dev bind d7 r6
kset add s4 name=s3 subsys=a-b
cat devices/d7
dev attach d7
deferred
bus drvs b1
dev children d7
deferred
dev get d7
kobj create k6 parent=k8 kset=s4
intf add i3 class=c1
