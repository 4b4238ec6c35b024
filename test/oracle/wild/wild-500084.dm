# wild program: theme obj
bus add b2 name=b1 notify=1 remove=0 offline=1 pm=1
class add c3 uevent=1 pm=1
drv add r3 bus=b2 name=r5 ids=q probe=0 shutdown=1
dev add d1 bus=b2
dev init d3 bus=b2 id=x probe=0
drv add r4 bus=b2 name=q' ids=x,y devm=mg,me,mc,mb,mf,ma,mh,md
dev add d5 bus=b2 id=y parent=d1
dev children_rev d1
dev add d2 bus=b2 id=z parent=d5 probe=0
dev add d8 bus=b2
bus add b1 notify=1 sync_state=1 match=ids uevent=1 dma=1 devattrs=ba,cc:ro,own,x-y_z:ro,bb:ro,waiting_for_supplier:wo
dev del d5
bus find b2 d8
readlink devices/d1/d5/d2/subsystem
stat devices/d1/
sif add f2 bus=b2
dev add d6 bus=b1 id=x class=c3 attrs=x-y_z:ro,driver_override:ro probe=-19
drv add r6 bus=b1 ids=x,y,z probe=-EPROBE_DEFER:3 sync_state=1
hook r6 remove devres add % hk
cat class/c3/d3
uevent d1 remove K0=1 K1= K2= K3= K4=a:b K5=v K6=a:b K7= K8= K9=1 K10=v K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=1 K13=v K14=1 K15=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K16=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K17=1 K18= K19=
bus add b3 probe=1 sync_state=1 uevent=1 dma=1
write bus/b1/drivers/q'/unbind remove\n
class devs c3
dev add d5 name=d1 id=y parent=d6 probe=-19
dev add d11 id=x parent=d5 class=c16
drv set r3 devm=na,nb
sync pause
bus set b2 match=-EAGAIN
dev init d10 bus=b2 id=z parent=d11
drv add r8 bus=b1 ids=x probe=0 noremove=0 pm=-ERANGE
hook r8 remove dev add %-k bus=b1 id=x class=c3
dev release d10
dev bind d10 r3
dev drvattach d3 r4
dev add d9 bus=b3 id=y parent=d6
link remove d9 d6
class add c1
drv del r4
dev add d13 bus=b3 id=x
dev get d8
bus sort b3
dev attach d10
ls bus/b1/drivers/r6/x-y_z
intf add i2 class=c3
bus finddrv b2 r6
