# wild program: theme pm
bus add b2 override=1 uevent=1 dma=1
dev add d9 bus=b2 id=y
drv add r1 bus=b2 ids=z probe=-ETIMEDOUT:2 pm=-ENOMEM
drv add r3 bus=b2 name=* ids=x probe=0 sync_state=1
hook r3 remove dev del %
drv add r6 bus=b2 ids=a,b,c,d,e,f,g,x probe=-4000 async=1
dev init d3 bus=b2 id=y
drv add r7 bus=b2 ids=x,y probe=1 async=1 pm=-EBADF
dev add d1 bus=b2 parent=d9 devt=248:7
dev add d10 bus=b2 id=y parent=d1
drv add r8 bus=b2 ids=x probe=defer:d9 shutdown=1
pm noirq=0
pm noirq=1
dev init d13 name=d2 bus=b2
pm noirq=0
drv add r5 bus=b2 name=r2 ids=a,b,c,d,e,f,g,x probe=0 devm=ma async=1 shutdown=1
drv add r2 bus=b2 name=r7 ids=x probe=-ENOMEM
link remove d10 d10
pm noirq=1
dev register d3
deferred
dev online d13
probing trigger
