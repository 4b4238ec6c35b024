# wild program: theme async
bus add b2 name=q' notify=1 remove=1 battrs=own
bus add b1 notify=1 probe=1 shutdown=1 sync_state=1 pm=1
dev add d6 name=a%b bus=b2 id=x
dev add d5 name=éü bus=b2 id=y
dev add d12 bus=b2 parent=d5
drv add r3 bus=b2 ids=q async=0 suppress_bind_attrs=1 attrs=driver_override:ro,waiting_for_supplier,driver
dev add d8 id=z devt=245:255 probe=-ENOSPC:2
bus add b3 name=- notify=1 uevent=1 dma=1 devattrs=da,aa:ro,uevent,dev:wo,bb,own
dev release d6
dev init d14 name=a:b bus=b3 id=x parent=d12
write devices/d8/driver_override add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed
sif add f2 bus=b2
drv add r1 bus=b1 ids=x probe=-EPROBE_DEFER:3 shutdown=1 noprobe=1
hook r1 probe link add % d14 flags=autoprobe_consumer,rpm_active,autoremove_supplier
link add d6 d14
link remove d6 d14
shutdown
ls devices/éü/d12/own
dev add d2 name=/x bus=b1 id=x parent=d5
dev release d2
dev bind d2 r1
drv attach r3
dev offline d6
dev add d11 bus=b1 id=x parent=d2 attrs=waiting_for_supplier:wo,own,dev:wo
dev move d11 d11
dev children d14
dev release d6
dev move d8 -
dev children_rev d2
uevent d11 bind
dev rename d14 d2
dev rename d8 a/b
write class/c1/a!b remove\n
dev move d6 d8
uevent d14 add K0=v K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev online d2
class add c3 name=c2 uevent=-EINTR
dev add d9 bus=b1 probe=0
sync pause
dev add d13 bus=b1 id=x parent=d8
type add t1
link remove d13 d13
cat class/c2
link add d9 d8 flags=autoremove_supplier,sync_state_only
drv add r6 bus=b3 name=r1 ids=y probe=defer:d11 suppress_bind_attrs=1 sync_state=1
link add d8 d5 flags=stateless
bus add b2 notify=1 probe=1 match=0 uevent=1
dev find d2 d8
drv add r4 bus=b2 ids=x,y,z noremove=1
link add d14 d8
bus set b3 dma=1
dev add d3 bus=b2 parent=d13 class=c3 driver=r4 attrs=aa,waiting_for_supplier:ro,dev:ro
dev add d4 name=bind bus=b2 id=x parent=d9 class=c3 type=t1
intf add i3 class=c3
dev put d13
bus add b1 match=x
dev offline d14
drv add r2 bus=b1 name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx ids=a,b,c,d,e,f,g,x probe=0 devm=mc,md,ma,mh,mb,mg,mf,me shutdown=1
link add d5 d5 flags=rpm_active,autoremove_consumer
pm
link remove d14 d8
drv add r7 bus=b2 name=a* ids=q probe=0 devm=md,mc,mg
hook r7 probe
probing trigger
