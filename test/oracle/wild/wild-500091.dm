# wild program: theme pm
bus add b3 override=1 devattrs=own
type add t2 uevent=1
drv add r8 bus=b3 ids=y probe=-133 async=1 attrs=driver_override:ro
dev add d6 name=a* id=x
dev add d13 probe=0
dev add d2 bus=b3 id=z parent=d13
drv add r2 bus=b3 name=r7 ids=y probe=-517 devm=mb,md,mh,me,mc,ma,mf,mg noprobe=1 devattrs=aa,da,driver:wo
dev offline d13
link add d13 d13 flags=sync_state_only
dev add d9 bus=b3 id=y parent=d2 type=t2 probe=-1 norelease=1
dev add d14 id=z parent=d9
reset
deferred
drv add r4 bus=b1 name=power2 ids=x,y probe=defer:d1 attrs=driver_override
bus set b1 dma=1
dev add d5 id=x devt=252:1
bus find b1 d5
pm noirq=0
ls dev/char/240:255
hook r4 remove
deferred
devres open d5 ga
devres close d5 gb
devres add d5 mb
devres open d5 gb
devres add d5 ma
devres dgroup d5 gb
dev add d2 name=... id=x
hook r4 remove
link add d2 d5 flags=pm_runtime
dev move d5 - order=before
deferred
dev rename d2 nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
pm
dev rename d5 n1
bus drvs b1
dev attach d5
sync pause
link add d2 d2
dev move d5 d2 order=last
type add t1 uevent=1 devattrs=driver
link remove d5 d2
drv add r5 bus=b1 probe=0
probing unblock
kset del s1
shutdown
devres del d5 mb
drv add r1 bus=b1 ids=x probe=0 sync_state=1 attrs=bb:wo,x-y_z:wo,driver_override,waiting_for_supplier,dev,own:ro
hook r1 probe dev set d2 probe=0
dev reprobe d2
readlink bus/b1/devices
pm noirq=0
dev attach d2
probing block
link add d5 d5 flags=sync_state_only
dev find d2 d2
dev online d2
dev add d1 x=1
bus devs b1 start=d2
link add d2 d2 flags=managed
bus find b1 d5
bus set b1 match=2
dev set d5 id=x probe=0
type add t2 uevent=-EXDEV
probing unblock
shutdown
dev attach d5
devres open d5 mb
dev release d2
