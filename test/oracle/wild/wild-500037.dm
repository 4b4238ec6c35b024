# wild program: theme mixed
bus add b2 notify=1 pm=1
drv add r3 bus=b2 ids=q probe=0 devattrs=subsystem,cc:wo,own
hook r3 probe
dev add d12 id=y
drv add r5 bus=b2 ids=x devm=md,mg,me pm=1
dev init d2 bus=b2 parent=d12
dev add d11 name=a/b bus=b2 id=z parent=d12
drv add r7 bus=b2 ids=q devm=me,mf sync_state=1
hook r7 probe dev add %-k bus=b2 id=y class=c1
hook r7 remove
cat dev/char/252:1
bus set b2 match=0
link add d11 d11 flags=stateless,managed
bus find b2 d2
kobj create k1
kset add s2 uevent=1 filter=1
readlink dev/block
bus sort b2
dev drvattach d2 r5
uevent d12 move K0=a:b K1=a:b K2=1 K3= K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=v K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=a:b
pm noirq=1
readlink devices/d12/bb
drv del r7
ls class/c1/d2
write bus/b2/drivers_probe add\0
dev online d11
sif add f1 bus=b2
uevent d2 unbind K0= K1=v K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=a:b K6=a:b K7= fill=56
write devices/d12/a!b/subsystem change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2
bus finddrv b2 r3
sif add f3 bus=b2
readlink class/c1
kset del s2
dev reprobe d12
uevent d11 online K0=v K1=a:b K2=v K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4= K5=v K6=v K7=1 K8=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K9= K10=1 K11=v K12=a:b K13=1 K14=a:b K15=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K16=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K17=v K18=v K19=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
write bus/b2/drivers/r5/unbind a!b
write devices/d12/a!b 2
ls class/devlink/b2:a!b--b2:a!b
write devices/d12/a!b/driver_override \n
dev reprobe d2
dev offline d2
dev add d10 bus=b2 id=x parent=d11
sif add f2 bus=b2
sync pause
dev release d11
dev drvattach d10 r3
ls k9/driver
pm noirq=0
cat devices/d12/a!b/d10
cat bus/b2/drivers/r5
dev attach d10
dev release d12
dev bind d12 r3
ls s1
dev release d2
dev bind d2 r3
link add d10 d10 flags=autoprobe_consumer,stateless
dev get d10
