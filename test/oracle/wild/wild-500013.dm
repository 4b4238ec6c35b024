# wild program: theme class
bus add b3 notify=1 shutdown=1 override=1 offline=0 devattrs=aa,da:ro
class add c1 attrs=own:ro,uevent:wo,bb:wo devattrs=bb,own,x-y_z:wo
type add t1 uevent=-EROFS
drv add r4 bus=b3 async=1 sync_state=1 noprobe=1
drv add r1 bus=b3 name=0 ids=x,y probe=-133 devm=me,mc async=1 sync_state=1
hook r1 probe devres del d1 hk
dev add d10 bus=b3 id=x
drv add r2 bus=b3 ids=q probe=0 async=1
dev add d1 bus=b3 id=x parent=d10 attrs=bb,uevent
hook r2 remove
ls bus/b3/drivers/0/module
cat bus/b3/drivers/r2/unbind
bus rescan b3
type add t3 uevent=1 devattrs=subsystem:ro,da:ro,online,cc:wo,dev,bb:wo
intf add i3 class=c1
dev register d10
bus sort b3
dev del d10
write devices/d17/uevent
dev add d8 name=devices bus=b3 id=z
dev add d13 bus=b3 id=x
dev register d1
dev set d1 probe=0
cat bus/b3/drivers/r2/d1
dev move d13 d8 order=after
stat devices/devices
devres add d8 ma
devres close d8 gb
devres open d8 ga
devres dgroup d8 ga
devres rgroup d8 gb
devres rel d8 ma
dev online d1
dev release d8
dev bind d8 r4
hook r4 probe dev add %-k bus=b3 id=y probe=0
bus set b3 match=-1
drv add r5 bus=b3 name=k1 ids=z probe=0 devm=mg,md,mf,mh,ma,mc,mb,me
dev set d13 probe=-4000
bus set b3 uevent=-EAGAIN
dev rename d8 drivers_probe
dev release d13
dev bind d13 r5
stat k1
dev add d7 bus=b3 id=z class=c1 type=t1
bus find b3 d7
deferred
link add d8 d1 flags=sync_state_only,managed,autoremove_consumer
dev rename d1 d1
ls k1
write bus/b3/drivers/r2/bind d7
dev add d11 name=/x bus=b3 id=y parent=d7 probe=defer:d1 suppress=1
drv add r6 bus=b3 ids=x,y devm=mb,mh devattrs=driver_override,da:wo,ba
dev register d7
write bus/b3/drivers/k1/bind drivers_probe\0zz
dev add d2 id=y
dev drvattach d1 r4
devres open d13 ma
link add d1 d1 flags=rpm_active
uevent d7 change K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=a:b K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=1 K5= K6= K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K8=v K9=1 K10= K11=1 K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13=1 K14=a:b K15=a:b K16=a:b K17=v K18=v K19=1
drv add r3 bus=b3 ids=x
bus rescan b3
dev online d1
