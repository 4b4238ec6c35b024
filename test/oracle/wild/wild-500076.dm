# wild program: theme link
bus add b3 sync_state=1 pm=1 uevent=1
drv add r3 bus=b3 ids=q probe=-EEXIST:1 sync_state=1
drv add r2 bus=b3 ids=x,y,z shutdown=1
hook r2 probe dev add %-k bus=b3 id=x
dev add d2 bus=b3 id=x
drv add r4 bus=b3 suppress_bind_attrs=1
hook r4 probe drv set r4 probe=0
dev add d12 name=... bus=b3 id=z attrs=online
write bus/b3/devices remove\n
cat devices/.../cc
dev reprobe d12
link add d12 d2 flags=autoprobe_consumer,stateless
link remove d12 d2
dev add d5 name=a.b bus=b3 id=z devt=251:255 probe=0
link add d2 d12 flags=sync_state_only,pm_runtime
sync pause
link remove d12 d2
dev move d12 -
link remove d5 d2
dev online d12
dev move d12 d2
write bus/b3/drivers/r2/unbind ...
link add d2 d5 flags=pm_runtime,autoprobe_consumer,managed
write devices/d2/.../uevent 1\n
dev add d8 name=.hid bus=b3 id=z parent=d2 attrs=driver
bus find b3 d8
type add t3 uevent=1
dev children d2
type add t2 uevent=-ENOSYS
shutdown
link add d5 d12 flags=sync_state_only,pm_runtime
pm noirq=0
link add d5 d8 flags=stateless
dev set d5 id=x probe=0
devres add d8 ma
link remove d2 d5
write bus/b3/uevent 0
link add d2 d2 flags=rpm_active,autoprobe_consumer
drv add r5 bus=b3 ids=x,y,z devm=me,mb,mg,mh,mf,mc,ma,md devattrs=bb:wo,uevent,driver_override:ro,x-y_z,dev,ba
dev release d8
link remove d8 d12
ls bus/b3/drivers/r2
sync resume
drv del r4
readlink dev/block
