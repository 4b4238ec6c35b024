# wild program: theme link
bus add b1 probe=1 sync_state=1 match=0
bus add b3 name=uevent1 notify=1 uevent=1 battrs=dev,aa:ro,waiting_for_supplier:ro
class add c3 uevent=1 devattrs=uevent:wo,subsystem:wo
dev add d8 bus=b3 id=z probe=-EPROBE_DEFER:3
dev add d10 name=a!b bus=b3 id=x parent=d8
dev add d6 bus=b3 id=z
drv add r7 bus=b1 name=r1 ids=x,y probe=-ENXIO:1 shutdown=1
drv add r1 bus=b1 ids=a,b,c,d,e,f,g,x devm=mh sync_state=1
hook r1 remove dev add %-k bus=b1 id=x
dev add d13 bus=b3 id=x parent=d8 class=c3
link remove d4 d8
devres add d8 ga
bus find b1 d10
link add d10 d6 flags=sync_state_only,autoremove_supplier
write class/c3 bad\q
ls devices/d8/uevent
cat k1/aa
dev release d13
shutdown
link add d14 d8
sync pause
