# wild program: theme hook
bus add b2 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567 notify=1 match=2 uevent=1 battrs=bb:ro
class add c3 uevent=1 attrs=dev
dev add d7 bus=b2 id=x
dev add d9 name=uevent1 bus=b2
dev add d10 bus=b2 id=x parent=d7
dev add d1 bus=b2 id=y attrs=waiting_for_supplier
dev add d5 bus=b2 id=y parent=d7 class=c3
drv add r5 bus=b2 ids=x devm=ma,mf pm=1 attrs=own:ro devattrs=driver:wo
hook r5 remove devres del d20 ga
dev add d3 id=z parent=d5 class=c3 norelease=1
dev online d1
bus finddrv b2 r5
cat dev/char/252:0
devres rgroup d10 ma
write nosuch on
dev release d3
dev offline d7
dev add d6 bus=b2 id=x parent=d3 devt=249:0
uevent d9 move K0= K1= K2=a:b K3= K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=v K6=a:b K7=1 fill=55
sif add f3 bus=b2
drv add r4 bus=b2 ids=z
write devices/d7/c3/d5/d3/driver_override r4
pm noirq=1
bus add b1 notify=1 drvattrs=ba,da:wo
dev register d9
write bus/nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567/drivers_autoprobe 1
dev add d8 name=d12 bus=b1 id=z parent=d1
dev add d2 bus=b1 id=z parent=d6 devt=244:255
dev offline d2
hook r17 probe dev add %-k bus=b1 id=y parent=%
cat class/c3/own
drv add r6 bus=b2 ids=z devm=mg,md,mh sync_state=1 shutdown=1 pm=1
intf add i2 class=c3
dev offline d10
link remove d2 d9
drv add r2 bus=b1 ids=a,b,c,d,e,f,g,x sync_state=1 pm=1
hook r2 remove dev add %-k bus=b1 id=w class=c3
dev set d10 id=x probe=0
dev release d1
dev bind d1 r5
bus rescan b2
dev add d4 name=+x bus=b1 id=x driver=r2
dev get d10
dev add d11 bus=b2 id=x probe=0
dev move d1 d8
devres rel d5 ma
devres open d5 ga
devres add d5 mb
devres close d5 ga
dev add d13 bus=b2 id=y
write bus/nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567/drivers/r5/unbind add
dev reprobe d10
dev init d12 id=z parent=d4 class=c3 suppress=1
drv add r1 bus=b1 ids=x probe=0 match=1 async=1 sync_state=1 attrs=subsystem:ro,ba:ro
dev move d13 - order=before
bus find b2 d13
shutdown
probing unblock
intf add i1 class=c3
deferred
probing
deferred
dev add d14 bus=b1 driver=r1 attrs=cc:wo,driver_override
link add d6 d2 flags=autoprobe_consumer,pm_runtime
bus drvs b1
link remove d6 d2
dev attach d9
dev attach d11
drv add r8 bus=b1 ids=x,y,z probe=5 sync_state=1 devattrs=driver:ro
probing trigger
