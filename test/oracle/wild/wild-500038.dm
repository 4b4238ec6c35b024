# wild program: theme sysfs
bus add b2 notify=1 pm=1 uevent=1
class add c3 devattrs=own pm=1
dev add d4 bus=b2 id=x devt=253:255
drv add r3 bus=b2 probe=-EINTR match=none-cb sync_state=1
dev add d3 bus=b2 id=x parent=d4 class=c3
dev add d10 id=x class=c3
drv add r7 bus=b2 ids=y pm=-EINTR attrs=cc
dev add d13 bus=b2 id=y parent=d10
dev reprobe d3
dev init d8 bus=b2 parent=d13
write k1/bb bogus
dev release d10
write devices/virtual/c3/d10/da r3\n
link add d13 d4
dev add d9 bus=b2 id=y class=c3
dev add d6 bus=b2 id=x parent=d13 attrs=x-y_z,subsystem,waiting_for_supplier,own,aa:wo,driver_override:ro
dev add d14 bus=b2 id=x parent=d4
ls dev/char/252:7
ls devices/d4/d14
stat devices/virtual/c3/d10
write devices/virtual/c3/d10 bind fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed  A=1
write devices/d4/driver_override r3\n
cat /abs
cat devices/virtual/c3/d10/d13
cat devices/virtual/c3/d10/driver_override
kobj create k6 name=uevent1 attrs=x-y_z
bus add b1 notify=1 remove=1 offline=1 match=ids
drv add r6 bus=b2 ids=x,y,z probe=-EPROBE_DEFER:3 devm=mb,md attrs=dev,aa:wo,waiting_for_supplier:ro
write devices/virtual/devlink/b2:d4--b2:d13/auto_remove_on remove\n
cat bus/b2/drivers/r7/bind
bus set b2 uevent=1
cat devices/virtual/devlink/b2:d4--b2:d13/auto_remove_on
readlink dev/char/245:7
stat devices/d4/d14/driver
bus find b2 d10
dev register d8
bus find b1 d13
drv del r3
bus add b3 probe=1 dma=1 battrs=uevent:ro,driver_override:wo,driver devattrs=x-y_z,aa:ro,own:wo,subsystem:wo,bb:ro,ba
cat bus/b2/devices
readlink bus/b1
cat devices/d4
drv add r2 bus=b2 ids=x probe=-EPROBE_DEFER:3 noprobe=1
hook r2 probe dev add %-k bus=b2 id=x
dev offline d9
dev remove d8
dev add d2 bus=b1 id=x parent=d3 class=c3 devt=250:0 norelease=1
dev add d5 id=z parent=d6
write class/devlink/b2:d4--b2:d13/sync_state_only change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2
write bus/b2/drivers/r7/unbind d10
kobj create k2
