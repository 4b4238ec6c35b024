# wild program: theme link
bus add b2 notify=1 sync_state=1 dma=1 devattrs=cc:wo,bb:ro,driver_override:wo,aa:wo,subsystem:wo,online drvattrs=subsystem,cc:wo,online:ro
dev add d10 bus=b2 id=x
dev add d1 name=d3 id=x
drv add r3 bus=b2 ids=q sync_state=1 pm=1
hook r3 probe dev add %-k bus=b2 id=y parent=% probe=0
dev add d6 id=x
drv add r7 bus=b2 ids=z probe=0 devm=mg,mb,mc,md,ma,mh,mf,me shutdown=1
drv add r8 bus=b2 ids=x probe=-EFAULT:2 devm=md shutdown=1
dev add d12 bus=b2 id=y
dev add d11 id=x parent=d12
dev add d4 bus=b2 id=x devt=246:255 suppress=1
write devices/d10 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18ee
link remove d4 d11
link add d4 d10
link remove d4 d10
bus set b2 uevent=-ESPIPE
stat bus/b2/devices/d3/uevent
