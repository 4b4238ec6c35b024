# wild program: theme pm
bus add b2 remove=1 shutdown=1 drvattrs=x-y_z,own,driver_override:ro
bus add b3 probe=1 shutdown=1 dma=1 drvattrs=da:wo,own:wo
class add c2 name=.hid uevent=1 attrs=subsystem,uevent:ro shutdown=1
drv add r8 bus=b3 ids=a,b,c,d,e,f,g,x probe=-ERANGE match=none-cb devm=mc attrs=x-y_z:ro,dev,own:ro,subsystem:ro,uevent:wo,bb
hook r8 probe
dev add d4
dev add d14 bus=b3 class=c2
drv add r5 bus=b3 name=r3 ids=x match=1 attrs=aa:ro
drv add r6 bus=b2 ids=x,y,z probe=0 pm=1
dev add d2 name=%s bus=b3 id=x
dev add d8 id=y parent=d2 class=c2 devt=249:1
dev add d13 name=éü id=x parent=d8
dev add d11 bus=b3 id=x parent=d13
drv add r2 bus=b2 name=drivers_probe ids=y sync_state=1 pm=1
probing unblock
dev del d2
hook r5 remove
bus devs b3 start=d13
dev move d8 d11 order=last
dev reprobe d4
dev release d4
dev offline d8
