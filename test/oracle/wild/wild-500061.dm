# wild program: theme pm
bus add b3 name=a\b notify=1 sync_state=1 uevent=1 devattrs=driver_override drvattrs=x-y_z:ro,cc:ro,dev:wo
bus add b1 match=1 uevent=1 battrs=ba,bb:wo
class add c2 name=%s uevent=-EEXIST attrs=dev devattrs=bb,uevent:ro,da:ro shutdown=1
dev add d13 bus=b3 id=x class=c2 attrs=ba:wo,uevent:wo norelease=1
drv add r3 bus=b3 ids=x probe=-EPROBE_DEFER devm=mb,mg,mh sync_state=1
dev add d10 bus=b1 id=y class=c2 norelease=1
dev add d5 bus=b1 id=y attrs=driver,subsystem,aa devt=252:1
drv add r6 bus=b1 name=r8 ids=x,y,z devm=mc,mg,mf async=1
hook r6 probe devres close d5 ga
dev add d4 bus=b3 id=x parent=d5
dev add d12 bus=b3 id=x
dev add d7 bus=b3 class=c2
drv add r2 bus=b1 ids=z probe=0 pm=1 devattrs=uevent,aa:ro,subsystem:ro,cc:wo,ba:ro,x-y_z:wo
dev online d11
pm noirq=1
cat bus/a\b/drivers/r3/bind
drv del r3
