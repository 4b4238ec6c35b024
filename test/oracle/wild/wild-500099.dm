# wild program: theme dev
bus add b2 name=b1 remove=1 override=1 pm=1
type add t2
dev add d2 bus=b2 id=x
drv add r6 bus=b2 ids=z probe=1
hook r6 probe dev add %-k bus=b2 id=x
drv add r4 bus=b2 ids=x probe=-4000 devm=mg,mh,md,ma,mf,mb,mc,me async=1
hook r4 remove dev add %-m bus=b2 id=y
drv add r1 bus=b2 ids=a,b,c,d,e,f,g,x probe=0 devm=mg,mh,me sync_state=1 shutdown=1
dev add d3 bus=b2 id=x parent=d2
dev add d4 name=a/b/c bus=b2 type=t2 attrs=driver_override:wo suppress=1
sif add f3 bus=b2
dev attach d2
deferred
dev move d3 d4
dev release d4
class add c3 devattrs=waiting_for_supplier:wo,online shutdown=1 pm=1
probing trigger
dev rename d3 r1
