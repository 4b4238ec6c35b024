# wild program: theme mixed
bus add b1 name=b7 notify=1 remove=1 shutdown=1 offline=1
type add t1 uevent=1 devattrs=uevent,ba:ro
dev add d14 bus=b1 attrs=driver,cc,bb devt=245:7
drv add r8 bus=b1 ids=z shutdown=1
hook r8 remove dev add %-k bus=b1 id=w
drv add r1 bus=b1 ids=y probe=0 match=2 sync_state=1 shutdown=1
hook r1 probe
dev add d1 bus=b1 id=z parent=d14 type=t1 attrs=uevent,aa,da,x-y_z,own,bb:wo
drv add r4 bus=b1 ids=x probe=-EPIPE:2 sync_state=1 shutdown=1
dev add d6 bus=b1 id=x parent=d1 type=t1 probe=-4000 norelease=1
dev attach d6
drv devs r8
dev rename d6 d2
kobj create k8
write bus/b7/drivers/r8/bind \sd1
dev release d6
dev bind d6 r4
write devices/d14/driver_override addx
kset add s3 parent=k8 filter=0 subsys=sub
pm
ls k8
bus set b1 uevent=1
bus set b1 match=0
type add t3 uevent=1 devattrs=ba:ro,uevent:wo,x-y_z,driver_override:ro,aa:wo,bb:wo
uevent d6 change K0= K1=1 K2= K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=a:b K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=v K8=1 K9= K10= K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=a:b K13=a:b K14=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K15= K16=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K17=v K18=v K19=a:b
