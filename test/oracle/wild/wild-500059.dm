# wild program: theme sysfs
bus add b1 name=unbind notify=1 sync_state=1 override=1 pm=1 match=2 drvattrs=online:ro
bus add b2 notify=1 offline=1
class add c2 uevent=1
drv add r3 bus=b1 ids=a,b,c,d,e,f,g,x probe=0 devattrs=waiting_for_supplier:wo,da:wo,driver_override:wo,subsystem:ro,dev,x-y_z:ro
hook r3 probe
dev add d13 bus=b1 id=y class=c2 norelease=1
drv add r4 bus=b2 ids=x match=-EPROBE_DEFER shutdown=1
dev add d4 name=a@b bus=b1 id=x class=c2 driver=r3 devt=247:0 norelease=1
dev add d11 bus=b2 id=x parent=d4 class=c2
dev add d5 id=x parent=d11 class=c2
dev release d13
devres rgroup d5 ga
devres close d5 gb
devres rel d5 ma
dev release d11
ls class/c2/d11/uevent
cat devices/virtual/c2/d13/waiting_for_supplier
ls devices/virtual/c2/d13
ls bus/b2/drivers/r4/uevent
dev add d1 bus=b2 parent=d11
pm noirq=1
kobj create k4
cat bus/b2/drivers/r4/a@b
dev remove d1
write class/c2/waiting_for_supplier add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed
write dev/char/243:255 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed\n
link add d1 d5 flags=managed,autoremove_supplier
readlink devices/virtual/c2/a@b
ls bus/b2/drivers/r4
bus rescan b2
write devices/virtual/c2/a@b/d11/d1/supplier:c2:d5
stat devices/virtual/c2/a@b/d11/d1/driver
cat devices/virtual/c2/a@b/d11/d5/consumer:b2:d1
write class/c2
drv add r6 bus=b1 ids=x probe=0 devm=mb,ma,md,mh,mc,me,mg,mf async=1 pm=1
write bus/unbind/drivers/r6/bind remove\n
bus devs b1
