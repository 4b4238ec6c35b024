# wild program: theme pm
bus add b1 name=b5 notify=1 sync_state=1 override=1 match=ids dma=1
bus add b2 notify=1 pm=0 dma=1 devattrs=online drvattrs=dev,online,cc:wo,driver:ro,x-y_z,aa:wo
dev add d10 bus=b1 id=x attrs=driver_override,ba
dev add d11 bus=b1 id=y
dev add d7 bus=b1 id=x
drv add r7 bus=b2 ids=x probe=0 async=1 devattrs=online,own,uevent
hook r7 probe devres open d11 hk
drv add r2 bus=b1 ids=a,b,c,d,e,f,g,x sync_state=1
drv add r3 bus=b1 ids=x,y,z probe=-ENAMETOOLONG async=1
drv add r8 bus=b1 ids=a,b,c,d,e,f,g,x probe=defer:d10 devm=mh,me,mb
dev add d8 attrs=aa,dev:ro,own
dev attach d8
uevent d7 add K0= K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=v K3=a:b K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=v K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=1 K8=1 K9=1 K10=1 K11=a:b K12=a:b K13=1 K14=v K15=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K16=a:b K17=a:b K18=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K19=
pm noirq=1
shutdown
dev release d11
link add d8 d8 flags=autoprobe_consumer,sync_state_only,stateless
deferred
dev release d8
dev bind d8 r8
hook r7 remove drv set r7 match=-1
dev add d6 id=x
class add c2 devattrs=driver
dev release d10
cat devices/d11/own
link add d8 d6 flags=sync_state_only,rpm_active,pm_runtime
intf add i3 class=c2
dev move d11 d10 order=last
link add d8 d8
class devs c2
link add d7 d11
dev register d6
devres add d7 mb
dev add d3 bus=b1 id=x class=c2
hook r3 remove dev add %-k bus=b2 id=w probe=0
probing block
pm
deferred
dev drvattach d3 r2
dev attach d3
link add d11 d8
probing block
bus add b3 name=b1 notify=1 shutdown=1 uevent=1 devattrs=uevent,x-y_z,aa,online,own,da drvattrs=da:ro,driver_override,x-y_z,bb:wo,own,online:ro
dev init d12 bus=b2 id=y parent=d3
deferred
devres add d8 mb
dev reprobe d8
stat devices/virtual/c2/d3/d12/uevent/x
pm noirq=1
deferred
link add d6 d10 flags=autoremove_supplier,rpm_active
dev release d11
dev release d8
shutdown
cat
deferred
type add t1 uevent=1
