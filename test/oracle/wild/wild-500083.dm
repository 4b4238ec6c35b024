# wild program: theme obj
bus add b2 notify=1 match=-EPROBE_DEFER
bus add b1 notify=1 pm=1 match=2 uevent=1
class add c2 pm=1
drv add r5 bus=b1 ids=x,y probe=-EPROBE_DEFER sync_state=1 shutdown=1
dev add d4 name=a.b bus=b1 id=z
drv add r8 bus=b1 ids=x,y,z devm=mc noremove=1
drv add r1 bus=b2 ids=y
dev add d10 bus=b2 id=z
drv add r3 bus=b2 name=r7 ids=x,y,z async=1 pm=1 devattrs=x-y_z,own:ro,subsystem:wo
dev add d9 bus=b1 id=y parent=d10 driver=r8 probe=-517
dev move d9 -
class del c2
drv add r7 bus=b1 ids=x
hook r7 probe dev add %-k bus=b1 id=y parent=% class=c2
dev register d10
dev reprobe d4
dev init d2 bus=b2 id=x attrs=driver_override,subsystem,online,bb,aa,cc devt=251:1
drv add r4 bus=b2 ids=y probe=0 async=1 sync_state=1 shutdown=1 noremove=1
drv add r2 bus=b1 ids=q probe=1 match=-ENOSYS devm=ma,mf,mb pm=-EACCES
link add d2 d2
dev add d1 name=(null) bus=b1 id=x parent=d9
dev add d6 name=d11 bus=b1 id=x probe=0:3
dev init d12 bus=b2 id=z class=c2
drv add r6 bus=b2 ids=x probe=defer:d9 attrs=aa:ro,dev:ro,x-y_z,subsystem:wo,online:wo,waiting_for_supplier
dev remove d4
drv add r6 bus=b1 ids=z
dev add d7 id=z parent=d4 class=c2 attrs=cc,online,x-y_z
bus rescan b1
bus del b2
write bus/b1/drivers/r2/unbind xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev add d11 id=x devt=251:255
cat bus/b2/drivers/r6/unbind
dev add d14 bus=b1 id=x attrs=own,dev,driver_override:wo
dev add d8 bus=b1 parent=d7
dev move d10 -
dev drvattach d14 r8
dev drvattach d10 r3
class add c2 uevent=1 devattrs=dev,uevent:ro,subsystem shutdown=1
drv add r2 bus=b1 name=%s ids=z pm=1
hook r2 remove uevent % bind A=1
