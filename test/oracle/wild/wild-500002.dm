# wild program: theme async
bus add b1 name=b5 remove=1 override=1 drvattrs=driver:wo,waiting_for_supplier,online,x-y_z:wo,da,driver_override:ro
drv add r6 bus=b1 ids=x async=1 sync_state=1 pm=-EFAULT attrs=online
dev add d13 id=y attrs=uevent,driver:wo,x-y_z:ro,own:wo,cc:ro,subsystem probe=defer:d1
dev add d10 id=x parent=d13 attrs=dev,cc:ro suppress=1
dev add d5 bus=b1 id=y parent=d10
drv add r5 bus=b1 ids=x,y devm=mb,mh,mc,mg,mf,me,ma,md sync_state=1 pm=1
drv add r2 bus=b1 ids=x probe=0 devm=ma,me,mc sync_state=1 pm=1
dev add d8 bus=b1 id=y parent=d5
shutdown
dev get d13
dev children d8
dev release d13
dev bind d13 r2
drv add r3 bus=b1 ids=a,b,c,d,e,f,g,x devm=md,mg,mb async=1 shutdown=1 pm=1 attrs=uevent:ro devattrs=driver_override
dev reprobe d5
dev reprobe d13
link add d8 d5
dev del d5
drv del r2
bus add b2 notify=1 override=1 pm=1 battrs=uevent drvattrs=cc:wo,dev:wo
drv attach r5
