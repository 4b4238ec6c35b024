# wild program: theme obj
bus add b2 name=z? probe=1 match=0 uevent=-ENOSPC dma=1 battrs=uevent
bus add b3 name=%s notify=1 remove=1 offline=1 match=0 uevent=1
type add t3 uevent=1 devattrs=waiting_for_supplier
drv add r1 bus=b2 name=a/b ids=z probe=0 devm=mh,mb
drv add r6 bus=b3 ids=a,b,c,d,e,f,g,x probe=-4000
dev add d14 bus=b2 suppress=1
dev add d8 name=a\b bus=b2 id=x
drv add r2 bus=b3 name=-- ids=a,b,c,d,e,f,g,x probe=0 devm=md,mh,me suppress_bind_attrs=1 pm=1
drv add r7 bus=b8 name=%d ids=x devm=ma,mc,mh
dev release d14
dev add d13 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567 bus=b3 id=x parent=d14
dev add d11 bus=b3 id=y parent=d13
bus add b1 name=9z notify=1 override=1 uevent=-ENOMEM battrs=own:wo,waiting_for_supplier,cc:ro,ba:ro,driver:wo,da
dev init d10 name=a!b bus=b1 suppress=1
write devices/a\b/driver_override 1\n
write devices/d14/da 1
type add t1
kset del s1
dev add d6 bus=b3 id=z parent=d14
dev set d10 id=y
dev del d8
bus rescan b1
link add d11 d6 flags=rpm_active
link add d14 d14
sif add f3 bus=b1
class add c3 uevent=1 attrs=cc:ro,own,ba,da,driver_override,subsystem:wo devattrs=aa,online:ro
dev release d12
dev add d2 name=a* id=x parent=d13 attrs=uevent:ro,da:wo,waiting_for_supplier
