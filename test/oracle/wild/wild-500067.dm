# wild program: theme mixed
bus add b2 name=a"b probe=1 offline=1 match=-EPROBE_DEFER uevent=-EIO battrs=da,waiting_for_supplier:wo,dev,cc:wo,uevent,driver
bus add b1 pm=1 dma=-ESPIPE
type add t1 uevent=1 devattrs=online:wo
drv add r6 bus=b1 name=A ids=x,y probe=-EOPNOTSUPP devm=mh,md,ma,mg,me,mf,mc,mb devattrs=x-y_z:ro
drv add r4 bus=b1 ids=a,b,c,d,e,f,g,x probe=defer:d1 async=1
hook r4 probe drv set r6 probe=0
dev add d5 bus=b2 id=y probe=-EOPNOTSUPP
drv add r7 bus=b2 ids=q devm=ma,md,mh shutdown=1 noremove=1
hook r7 probe dev set d5 id=x
drv add r3 bus=b1 name=a!b ids=x shutdown=1 attrs=driver
dev add d2 name=d5 id=x
link add d2 d5
dev find d5 d2
bus finddrv b2 r7
dev reprobe d2
dev release d5
drv add r2 bus=b2 name=éü ids=q probe=0 devm=mf,ma async=1 suppress_bind_attrs=1 attrs=driver:ro
hook r2 probe dev add %-m bus=b2 id=y parent=%
write bus/b1/drivers/r4/bind d5
write devices/d5/driver_override
pm noirq=1
dev add d8 id=z
link add d5 d8 flags=pm_runtime
drv add r5 bus=b1 name=a=b ids=z probe=0
drv add r1 bus=b1 ids=y probe=0
drv add r8 bus=b1 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567 ids=q probe=defer:d2 devm=mf,mc,mg,ma,mh,mb,me,md suppress_bind_attrs=1 sync_state=1 shutdown=1
hook r8 probe link add % d8 flags=autoremove_consumer,managed
kobj create k7
dev add d6 bus=b1 parent=d8 type=t1
link add d6 d8 flags=rpm_active,autoremove_consumer,stateless
kset add s2 name=~ parent=k7 subsys=sub
drv del r7
sync pause
bus rescan b2
dev find d2 d8
dev del d6
write bus/a"b/drivers/éü/bind d5
dev get d2
bus sort b2
write bus/b1/drivers/a=b/bind d6
drv add r7 bus=b1 ids=y match=-EPROBE_DEFER sync_state=1
hook r7 remove
dev add d14 id=y parent=d2
drv set r4 ids=x
