# wild program: theme class
bus add b2 probe=1 match=1
class add c3 name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
type add t3 devattrs=driver,driver_override,da:ro
drv add r2 bus=b2 ids=x,y probe=-6 match=0 devm=ma,mh,me
hook r2 probe dev add %-k bus=b2 id=w parent=% probe=0
drv add r3 bus=b2 name=+x ids=x,y,z probe=-517 devm=mc shutdown=1 attrs=online,waiting_for_supplier,driver_override
dev add d7 bus=b2 id=z
dev init d6 name=- bus=b2 id=x parent=d7 class=c3
drv add r6 bus=b2 ids=z probe=1 shutdown=1
dev add d14 id=z class=c3 attrs=waiting_for_supplier:wo,cc:ro,ba:ro,aa,driver_override:wo,da norelease=1
dev add d4 bus=b2 id=x parent=d7 probe=-6
dev add d9 bus=b2 id=x parent=d14 class=c3 norelease=1
drv add r8 bus=b2 name=a,b ids=q probe=-6 match=2
hook r8 probe nonsense
dev add d2 bus=b2 id=x parent=d14 type=t3 devt=251:1
readlink devices/d7/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/-/x-y_z
pm noirq=0
write devices/virtual/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/d14/d9/driver_override
ls devices/virtual/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/d14
uevent d6 offline K0= K1= K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K3= K4=a:b K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=1 K7=a:b fill=56
dev find d9 d7
dev release d6
dev online d2
bus add b3 remove=1 sync_state=1 override=1 offline=1 devattrs=bb:wo drvattrs=cc:ro
class del c3
write k1/bb 2
dev rename d4 power2
cat s1/k1
dev drvattach d4 r8
dev init d11 id=y parent=d2 attrs=driver:wo
uevent d11 bind K0=1
dev attach d11
cat class/devlink
ls devices/d7/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/-/bb
write bus/b2/drivers_autoprobe addx
dev rename d6 d1
dev del d11
write devices/d7/power2/online 0
uevent d9 unbind K0=v K1=1
dev add d12 bus=b3 type=t3
sif add f1 bus=b2
intf add i3 class=c3
write devices/d7/driver_override
dev attach d14
cat bus/b2/drivers/a,b
cat bus/b2/drivers/r6/dev
class add c1 name=c7
cat bus/b3/devices/power2/waiting_for_supplier
class devs c3
drv add r4 bus=b2 ids=q match=-ENOTDIR sync_state=1 attrs=online:wo
dev children_rev d7
drv add r1 bus=b3 ids=q probe=0 devm=md,mb shutdown=1
dev release d9
sif add f3 bus=b2
