# wild program: theme sysfs
bus add b1 probe=1 remove=1 override=1 uevent=1 dma=1
type add t3 uevent=-ETIMEDOUT
dev init d10 bus=b1 id=x devt=243:255 probe=1
drv add r6 bus=b1 ids=y probe=4000
hook r6 probe dev add %-k bus=b1 id=x
dev init d3 bus=b1 id=x
dev add d8 id=x type=t3 devt=242:7 probe=0 norelease=1 suppress=1
drv add r5 bus=b1 ids=x,y devm=mb,mf,md sync_state=1 noprobe=1
dev add d1 parent=d8 attrs=uevent:wo,online probe=0:3
drv add r7 bus=b1 ids=q probe=0 devm=mc attrs=dev:ro
hook r7 probe devres open % hk
drv add r2 bus=b1 ids=x probe=0 devm=mg,mh,me async=1 pm=-EISDIR
dev init d13 bus=b1 id=x parent=d1 devt=243:1
readlink k1/bb
dev attach d13
dev add d11 bus=b1 id=z
bus drvs b1
kobj create k6
stat devices/d8/uevent/x
link add d13 d3 flags=autoprobe_consumer
dev remove d9
stat devices/d11/dev
cat devices/d3/waiting_for_supplier
dev add d7 id=z type=t3
kset add s2 uevent=1
cat class/c1/d13
readlink class/c1/d8/uevent
stat bus/b1/drivers/r7/unbind
ls devices/d11/dev
cat class/c1/d13/uevent
dev add d12 id=y
drv del r2
dev init d9 id=z parent=d12
write k6 é
write devices/d12/driver_override r5\n
cat devices/d12
dev move d7 - order=last
drv add r2 bus=b1 ids=x async=1 sync_state=1
ls bus/b1/drivers/r2/d13
uevent d12 add K0=a:b fill=58
link add d1 d7
drv add r4 bus=b1 probe=0 devm=ma,mf,mg,mc,mh,mb,md,me suppress_bind_attrs=1 attrs=driver:ro,driver_override:ro,own devattrs=uevent:ro
readlink dev
stat devices/d12/uevent
ls nosuch
