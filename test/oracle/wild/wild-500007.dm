# wild program: theme link
bus add b2 notify=1 override=1 dma=-EINTR
bus add b3 remove=1 dma=1 battrs=driver
dev add d8 bus=b3 id=x
dev init d4 id=y parent=d8
drv add r8 bus=b3 ids=x probe=0 async=1 shutdown=1
drv add r2 bus=b2 ids=x,y,z probe=-EBADF:1 devm=mg,md,ma pm=-ENODEV attrs=ba:ro
dev add d7 name=d4 bus=b2 parent=d8
drv add r1 bus=b3 name=r1 ids=z probe=-ENOTDIR match=2 sync_state=1 noprobe=1
dev add d9 bus=b2 id=z parent=d7 attrs=subsystem,driver_override,online:ro,driver,bb,dev probe=defer:d7
drv add r6 bus=b3 ids=y probe=-EPROTO:2 async=1 shutdown=1
dev add d11 bus=b2 id=z probe=-EROFS
bus find b2 d9
dev find d8 d9
readlink devices/d8/subsystem
cat k1/bb
sync pause
bus set b2 dma=1
