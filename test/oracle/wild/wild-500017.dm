# wild program: theme class
bus add b2 override=1 offline=1 match=-EPROBE_DEFER
bus add b3 shutdown=1
class add c2 uevent=1 devattrs=subsystem:wo shutdown=1
type add t2
drv add r2 bus=b3 name=r8 ids=z probe=0 sync_state=1
dev add d8 bus=b2 id=x class=c2
drv add r8 bus=b2 ids=x probe=0 noremove=0 pm=1
drv add r7 bus=b3 ids=z probe=0 async=0 sync_state=1 shutdown=1
dev add d13 bus=b2
dev add d14 bus=b3 id=z class=c2 type=t2 probe=-EPERM
dev add d7 bus=b2 id=y attrs=dev:ro,uevent,da,own:wo,waiting_for_supplier:wo,aa
drv add r4 bus=b2 ids=x,y probe=0 shutdown=1
dev add d12 name=d3 id=z parent=d8 class=c2 attrs=cc:wo,dev:wo devt=247:1
dev add d4 bus=b3 id=x parent=d12
type add t3 devattrs=subsystem:ro
drv add r1 bus=b3 name=r2 ids=x probe=-EINTR:2 devm=md,mg,mc sync_state=0
drv add r5 bus=b3 ids=y probe=0 async=1 noremove=1 pm=1
drv add r6 bus=b3 ids=x probe=-EPROBE_DEFER sync_state=1 shutdown=1
drv set r6 ids=x,y
drv add r3 bus=b3 ids=x,y async=0 pm=1
dev drvattach d12 r3
dev children d14
ls dev/char/250:0
drv add r8 bus=b3 name=r1 ids=a,b,c,d,e,f,g,x probe=-517 async=1 sync_state=1 pm=1
bus find b3 d13
dev get d4
cat dev/char/252:0
dev release d14
dev bind d14 r5
dev add d9 id=z class=c2 devt=253:255
ls dev/char/243:1
devres add d7 mb
devres add d7 mb
devres rel d7 mb
devres open d7 ga
dev attach d8
dev offline d4
write bus/b3/drivers change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 B=2
write bus/b3/drivers/r8/uevent ad
dev offline d14
readlink dev/char/250:7
dev add d11 bus=b3 id=x parent=d4 class=c14 driver=r6 probe=0 norelease=1
dev add d3 id=x parent=d7 type=t2 devt=251:7
dev get d8
dev add d2 bus=b2 id=x
devres open d8 gb
devres rel d8 ma
devres add d8 ma
devres open d8 gb
bus find b2 d7
drv add r8 bus=b2 ids=q sync_state=1 shutdown=1 pm=1
ls s1
devres close d8 gb
link add d14 d3
write devices/virtual/c2/d8/d3/d4/c14/d11/online 1
dev add d5 bus=b3 id=y
dev move d12 - order=none
pm
sif add f3 bus=b3
bus drvs b2
bus rescan b3
bus rescan b2
dev drvattach d11 r7
dev add d10 bus=b3 parent=d3
dev attach d13
dev get d14
write bus/b3/drivers_probe d10
devres rgroup d2 gb
dev attach d10
link remove d14 d3
link add d12 d10 flags=managed,rpm_active
dev attach d13
sif add f1 bus=b2
dev rename d2 nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
readlink class
drv add r4 bus=b3 name=a/b ids=q probe=-E2BIG devm=mg async=1
