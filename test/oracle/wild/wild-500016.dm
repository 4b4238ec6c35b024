# wild program: theme mixed
bus add b2 name=b6 shutdown=1 override=1
type add t3 uevent=-EOPNOTSUPP
dev init d4 bus=b2 id=y type=t3
drv add r6 bus=b2 name=r1 ids=q probe=-EIO devm=mf,md shutdown=1 noprobe=1
dev add d1 name=bind bus=b2 type=t3 attrs=bb:wo
dev set d4 suppress=0
dev put d1
dev reprobe d1
bus set b2 uevent=1
class add c1 uevent=-EFAULT
drv attach r6
dev init d9 bus=b2 suppress=1
dev attach d4
write bus/b6/drivers/r1/unbind d4
kobj create k4
link add d9 d9 flags=autoprobe_consumer,rpm_active,sync_state_only
link add d9 d4 flags=stateless,autoremove_consumer
readlink devices/d4
dev release d1
drv set r6 ids=x,y
dev add d3 bus=b2 id=y parent=d1 probe=0
bus rescan b2
drv set r6 devm=na,nb
uevent d9 move K0=v K1=1
deferred
dev release d1
cat bus/b6/drivers/r1/uevent
kset add s4
dev children d9
dev del d3
dev set d4 id=y
dev offline d9
ls k4
drv set r6 ids=x,y
dev del d4
pm
hook r6 probe dev set d1 probe=0
intf add i1 class=c1
dev online d1
write bus/b6/drivers/r1/bind n
stat devices/bind/x-y_z
hook r6 probe uevent d9 online A=% B=2
kobj create k3 kset=s4 attrs=waiting_for_supplier:wo,aa,subsystem,ba:ro,x-y_z:ro,uevent:wo
dev set d1 suppress=0
hook r6 probe
uevent d1 online fill=61
bus sort b2
bus drvs b2
link add d9 d9 flags=autoremove_supplier
cat k4/bb
link add d1 d9 flags=managed,autoremove_supplier
ls devices/bind/uevent/x
uevent d1 unbind K0= K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K3= K4=v K5=v K6=1 K7=1 fill=61
dev drvattach d9 r6
readlink bus/b6/devices/d9/da
