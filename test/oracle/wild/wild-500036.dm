# wild program: theme hook
bus add b2 notify=1 uevent=1 battrs=driver_override:ro,uevent:wo
type add t1 uevent=1
drv add r3 bus=b2 name=r2 probe=defer:d1 devm=mb,ma,me,mf,mg,md,mc,mh shutdown=1
dev add d2 bus=b2 type=t1 attrs=x-y_z:ro,driver,bb:wo
dev add d12 bus=b2 id=y parent=d2 attrs=ba:wo,cc,dev:wo,subsystem:ro,driver:wo,aa devt=254:1
drv add r6 bus=b2 ids=z probe=-EPIPE devm=ma,mg,mf,me,mb,md,mh,mc sync_state=1 noprobe=1
dev init d13 bus=b2 id=x
dev add d10 bus=b2 id=y attrs=bb:ro,subsystem:ro
write devices/d2/driver_override r2\n
drv add r1 bus=b2 name=r4 ids=x async=1 shutdown=1 attrs=driver:wo
drv add r7 bus=b2 ids=a,b,c,d,e,f,g,x probe=-EROFS devm=ma,md,me attrs=bb:wo,ba,uevent,dev,cc,x-y_z:wo
hook r7 remove dev del d13
bus rescan b2
drv devs r3
bus add b3 uevent=1 devattrs=subsystem:wo
dev del d13
dev add d8 bus=b3 id=y
link add d10 d12 flags=autoprobe_consumer
readlink devices/d10/uevent
dev rename d10 n1
ls devices/d2/d12/subsystem
bus drvs b2
probing trigger
bus set b3 dma=-ERANGE
drv add r5 bus=b3 probe=-EPROBE_DEFER devm=md,mb shutdown=1
hook r5 remove devres add d2 hk
dev add d4 bus=b2 id=x
uevent d12 online
link remove d10 d12
bus rescan b2
dev add d5 id=y devt=245:255 probe=-517
drv add r8 bus=b2 ids=x probe=0 sync_state=1 shutdown=1 pm=1
dev del d4
dev offline d10
bus drvs b2
write devices/d8/online 0
type add t3 uevent=1
bus find b2 d12
dev drvattach d2 r8
link add d8 d8
dev add d11 bus=b2 id=x
class add c3 shutdown=1
dev init d6 bus=b2 id=x
class devs c3
dev rename d5 n1
dev init d7 bus=b3 parent=d12
ls bus/b3
dev move d2 - order=before
dev del d2
ls bus/b2/devices/n1/uevent
