# wild program: theme sysfs
bus add b1 notify=1 shutdown=1 match=none-cb
class add c1 uevent=1 devattrs=aa:wo,online:wo,waiting_for_supplier:ro shutdown=1
dev init d12 bus=b1 id=x class=c1
dev add d4 bus=b1 id=x
dev add d10 bus=b1 id=x class=c1 probe=0
dev add d13 bus=b1 id=x parent=d4 class=c1 attrs=online:ro,cc,bb
dev add d3 id=z probe=4000
drv add r8 bus=b1 ids=x,y devm=me shutdown=1
dev add d5 bus=b1 id=y parent=d13 class=c1
write bus/b1/devices/d4/uevent
write devices/d4/c1/d13/d5/online add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed K0=0 K1=1 K2=2
ls devices/d4/driver_override
write class/c1/uevent 2
link add d3 d13 flags=sync_state_only,autoprobe_consumer
dev add d11 bus=b1 id=z suppress=1
cat devices/d3/supplier:b1:d13
uevent d5 add K0=a:b K1=v K2= K3=a:b K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev move d11 d3
stat devices/virtual/c1/d12/subsystem
dev add d7 bus=b1 id=z attrs=waiting_for_supplier:wo
drv del r8
write k1/aa n
intf add i3 class=c1
intf add i2 class=c1
