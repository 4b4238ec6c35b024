# wild program: theme link
bus add b3 shutdown=1
class add c3
type add t3 devattrs=aa:wo,x-y_z:wo,da:ro
drv add r7 bus=b3 ids=a,b,c,d,e,f,g,x probe=4000 sync_state=1
dev add d12 bus=b3 id=y class=c3 norelease=1
drv add r6 bus=b3 sync_state=1
dev init d7 bus=b3 id=y
drv add r8 bus=b3 ids=x attrs=uevent
dev add d6 bus=b3 id=y
ls bus/b3/drivers/r8/bind
link remove d7 d6
dev move d7 - order=before
dev add d8 bus=b3 id=y
readlink class/c3/d6
write bus/b3/drivers/r7/unbind d7
write devices/d7/online change
dev set d8 id=y
sync pause
dev release d7
dev move d6 d6 order=last
dev offline d7
link add d6 d8
bus del b3
dev get d12
devres dgroup d8 gb
dev offline d7
link remove d6 d8
link add d12 d8
link add d12 d12 flags=pm_runtime
devres open d7 gb
devres dgroup d7 ga
devres add d7 mb
devres add d7 mb
dev get d12
dev attach d7
pm noirq=1
uevent d6 add K0=a:b K1=v K2=v K3=1 K4=a:b K5=a:b K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=a:b K8=a:b K9=1 K10=a:b K11=v K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K14=v K15= K16= K17=v K18=1 K19=a:b fill=55
link add d12 d7 flags=pm_runtime
class add c1 uevent=1 attrs=aa:ro,cc:wo
link add d6 d7 flags=autoprobe_consumer
link add d12 d8 flags=autoremove_supplier,stateless
probing unblock
