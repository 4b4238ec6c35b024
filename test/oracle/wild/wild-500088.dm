# wild program: theme obj
bus add b1 notify=1 shutdown=1 override=1 offline=1 match=ids
drv add r5 bus=b1 ids=x async=1 sync_state=1
dev add d9 bus=b1 id=x devt=240:0
drv add r6 bus=b1 ids=x,y probe=-EPROBE_DEFER:1 shutdown=1 pm=-EISDIR
drv add r3 bus=b1 ids=x probe=0 devm=me,mc sync_state=1
dev add d14 bus=b1 id=x parent=d9 attrs=dev:wo,driver,driver_override
drv add r2 bus=b1 ids=x probe=-EAGAIN:2
dev add d6 name=a* bus=b1 id=x parent=d9
dev add d13 bus=b1 id=z parent=d6 devt=246:1
dev add d5 bus=b1 id=y devt=253:1
dev add d4 bus=b1 id=x
write devices/d4 addx
drv add r4 bus=b1 ids=x probe=-ENOTDIR match=1
hook r4 remove dev set d9 probe=0
kset del s1
class add c2 name=z? uevent=1 devattrs=ba:ro
write devices/d5/driver_override 0
drv add r7 bus=b1 ids=q devm=mh,me shutdown=0 pm=1
class add c1
stat k1/aa
dev release d6
dev bind d6 r3
devres dgroup d13 mb
drv add r8 bus=b1 ids=x probe=defer:d14
dev add d1 name=a\b id=z
dev add d3 bus=b1
intf add i2 class=c2
stat dev/char
write devices/d5/driver_override xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev add d8 bus=b1 id=y parent=d13 attrs=cc:ro,x-y_z,bb,ba:wo,online,uevent
dev offline d1
dev add d12 bus=b1 id=x parent=d8 devt=240:7 probe=-EPROBE_DEFER:1
bus devs b1 start=d1
dev add d10 name=a"b bus=b1 id=y driver=r2
dev rename d8 nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
