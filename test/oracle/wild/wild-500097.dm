# wild program: theme dev
bus add b2 notify=1 offline=1 battrs=driver
dev add d12 id=y probe=-ENXIO
drv add r7 bus=b2 name=uevent1 ids=x,y,z
hook r7 probe dev set d12 id=y
drv add r5 bus=b2 name=a.b ids=y probe=-EPROBE_DEFER devm=ma,md,mh,mf,me,mg,mc,mb noremove=1 attrs=own
dev add d11 name=d6 bus=b2 id=x driver=r5
drv add r4 bus=b2 ids=x,y probe=-EPROBE_DEFER devm=me,ma,mb attrs=aa
dev add d1 bus=b2 id=y parent=d11
drv add r6 bus=b15 name=b1 probe=0
hook r6 probe dev add %-k bus=b2 id=x parent=%
deferred
intf del i1
drv set r6 devm=na,nb
dev add d14 bus=b2 id=x
deferred
write devices/d6/d1/online d1\0zz
dev attach d12
dev rename d1 n1
dev drvattach d14 r7
dev reprobe d11
ls class/c1
devres open d1 ga
devres open d1 ga
devres rgroup d1 ga
devres add d1 mb
devres close d1 gb
devres add d1 ma
dev release d12
dev release d1
cat bus/b15/drivers/b1/uevent
dev release d12
dev get d12
dev drvattach d1 r5
dev online d14
class add c1 attrs=x-y_z:ro
link remove d11 d1
bus rescan b2
link add d1 d1 flags=autoprobe_consumer,sync_state_only,rpm_active
readlink devices/d6/n1
drv attach r6
dev release d11
drv add r8 bus=b2 name=subsystem ids=a,b,c,d,e,f,g,x sync_state=1 shutdown=1 devattrs=uevent,waiting_for_supplier:ro
dev rename d11 nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
dev add d3 name=-- bus=b2 id=x parent=d1
uevent d1 change K0=1 K1=a:b
bus add b3 name=k1 notify=1 drvattrs=online,aa:ro
dev add d7 id=x parent=d11 class=c1 attrs=x-y_z:ro
dev put d11
write bus/b2/drivers_probe y
dev drvattach d1 r7
uevent d3 add K0=1 K1=1
ls bus/b2/drivers/a.b/x-y_z
dev children_rev d1
dev release d1
bus set b2 match=2
bus rescan b3
dev add d8 name=a!b bus=b3 id=z parent=d11 probe=0
dev drvattach d11 r7
dev children d3
dev offline d8
dev del d1
dev release d12
write devices/d6/n1/--/uevent -EIO
devres rel d11 mb
devres open d11 ga
devres close d11 ga
ls devices/d14
dev reprobe d11
uevent d8 remove
dev children d14
link remove d1 d1
dev reprobe d7
dev rename d14 .hid
dev add d5 bus=b2 id=x
dev add d1 name=-- bus=b2 id=z parent=d14
write bus/b1/drivers/r15/bind nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
intf add i1 class=c9
dev release d5
dev reprobe d12
