# wild program: theme dev
bus add b3 shutdown=1 override=1 pm=1 uevent=1 battrs=aa
type add t1 uevent=-EPERM devattrs=waiting_for_supplier:wo,da
dev add d8 bus=b3 id=x
dev add d5 bus=b3 id=x parent=d8
drv add r2 bus=b3 ids=z shutdown=1
dev add d9 name=b1 bus=b3 id=x parent=d5 attrs=cc devt=250:0
drv add r6 bus=b3 name=a!b ids=a,b,c,d,e,f,g,x probe=-ENOSYS sync_state=1 shutdown=1
hook r6 remove dev add %-k bus=b3 id=w parent=% class=c1
dev add d1 id=z type=t1 norelease=1
drv add r4 bus=b3 ids=x probe=0 devm=me pm=1
dev add d13 name=drivers_probe bus=b3 id=z driver=r6
dev release d13
dev release d1
link add d8 d5
drv add r5 bus=b3 ids=x,y async=1 sync_state=1 shutdown=1 pm=1
drv devs r5
dev move d8 d13 order=before
dev online d1
dev release d8
dev bind d8 r6
dev put d13
devres close d9 gb
devres add d9 mb
devres dgroup d9 ga
devres rel d9 mb
readlink devices/drivers_probe
dev set d1 id=x probe=0
uevent d13 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=62
dev add d10 id=x parent=d13 type=t1 norelease=1 suppress=1
write bus/b3/drivers/r2/unbind drivers_probe
dev move d9 d1
deferred
dev offline d10
dev move d13 d9
bus set b3 uevent=1
link remove d1 d10
dev reprobe d5
cat class/c1/driver_override
dev children_rev d8
probing block
cat class/devlink
dev attach d13
dev rename d1 n2
drv attach r4
uevent d1 online
readlink s1/k1
dev init d4 id=x
dev add d7 bus=b3 id=y probe=defer:d5
deferred
deferred
dev add d11 name=k1 bus=b3 id=x type=t1 probe=defer:d1
dev offline d7
link add d13 d7 flags=managed
dev children d7
write devices/d4/driver 0
drv set r6 devm=na,nb
dev move d10 d10
bus set b3 dma=1
dev put d7
dev release d1
dev bind d1 r2
write devices/n2/driver_override r4
dev set d1 id=y
dev offline d9
dev reprobe d4
readlink class/c1/d10/uevent
dev put d5
dev register d4
dev put d9
uevent d10 remove K0=1 K1=v K2= K3=a:b K4= K5= K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K8=1 K9=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K10= K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=v K13=v K14= K15=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K16= K17=a:b K18=a:b K19=a:b
uevent d11 move K0=v K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=1 K3=1 K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5= K6= K7=a:b K8=v K9=a:b K10=v K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=a:b K13=a:b K14=1 K15=1 K16=1 K17=v K18=1 K19=1
dev offline d1
write devices/d1/b1/online ad
dev attach d7
link add d8 d9 flags=rpm_active
devres dgroup d1 ga
devres close d1 ga
devres add d1 ma
