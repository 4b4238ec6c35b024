# wild program: theme mixed
bus add b2 notify=1 override=1 uevent=1 dma=1
drv add r6 bus=b2 devm=ma,mb async=1
dev add d13 id=x devt=249:7
dev add d9 name=z? bus=b2 id=z
dev add d3 id=z parent=d9 attrs=cc:ro probe=0
dev add d2 bus=b2
drv add r1 bus=b2 name=b1 ids=q async=1 noremove=1 pm=1
dev add d14 name=bind id=x parent=d13
drv add r4 bus=b2 probe=-517 suppress_bind_attrs=1 pm=-EBADF
drv add r3 bus=b2 ids=z probe=defer:d14 match=1 devm=me,mb,mf pm=1
cat bus/b2/drivers/r3/uevent
drv add r2 bus=b2 ids=y probe=-517 devm=me,mg,ma,mf,mh,md,mc,mb sync_state=1 noremove=1
dev online d9
dev children_rev d2
write class change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2
link add d13 d14
write bus/b2/drivers_probe 0
dev move d13 d2 order=before
bus rescan b2
drv del r1
bus set b2 match=none-cb
drv attach r2
drv add r7 bus=b2 name=r1 ids=x,y,z devm=mh,md,me,mc,mb,mg,mf,ma suppress_bind_attrs=1 sync_state=1
kobj create k7 name=devices
dev find d2 d2
write bus/b2/drivers/r3/bind add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1\n
drv add r8 bus=b2 ids=a,b,c,d,e,f,g,x probe=defer:d9 devm=mc,mf,me,mh,mg,ma,md,mb async=1 sync_state=1
hook r8 probe dev attach %
cat bus/b2/drivers
link remove d13 d2
dev release d14
ls devices/d2/uevent/x
link add d13 d13 flags=stateless,pm_runtime,autoremove_supplier
bus finddrv b2 r6
link add d3 d9 flags=stateless,rpm_active,pm_runtime
bus devs b2
probing trigger
readlink class
link remove d13 d14
dev init d11 bus=b2 id=x parent=d2
dev register d11
link add d14 d3 flags=stateless,autoprobe_consumer
ls devices
cat bus/b2/uevent
ls bus/b2
write devices/z?/driver_override r3\n
dev add d10 bus=b2 id=x parent=d13 attrs=uevent:ro,aa:ro,x-y_z,driver,driver_override:ro,own:ro
write bus/b2/drivers_probe bind
dev init d5 name=uevent1 bus=b2 id=z attrs=subsystem,ba:wo,online:ro,aa:ro,dev,x-y_z
hook r2 probe dev add %-k bus=b2 id=x
stat class/c1/d3
dev drvattach d9 r6
hook r3 remove
dev attach d2
dev release d5
link remove d3 d9
bus add b3 name=9z pm=1
bus rescan b2
drv add r5 bus=b3 name=uevent ids=x probe=-EISDIR async=1 sync_state=1
bus find b3 d13
dev add d12 id=x
dev add d1 bus=b3 id=x
cat devices/z?/d3
cat devices/uevent1/cc
dev move d5 d2 order=after
dev reprobe d5
dev add d8
dev rename d11 +x
dev move d1 -
dev add d4 name=9z bus=b2 id=x
class add c3 uevent=-EAGAIN attrs=subsystem
pm noirq=0
stat bus/b2/drivers/r6/uevent
