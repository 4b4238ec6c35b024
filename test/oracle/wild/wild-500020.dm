# wild program: theme pm
bus add b1 remove=1 shutdown=1 pm=1 uevent=1
bus add b3 notify=1 shutdown=1 offline=1
type add t1 uevent=-EPROTO devattrs=waiting_for_supplier:wo,driver_override:ro,da,own,online:wo,x-y_z
dev add d9 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567 bus=b1 id=z
drv add r1 bus=b3 ids=x devm=ma,mg async=1 sync_state=1
dev add d4 id=x parent=d9 type=t1
drv add r7 bus=b1 ids=q probe=-19 noremove=1
hook r7 probe devres open % hk
drv add r8 bus=b3 ids=x probe=defer:d4 devm=mc,md,me sync_state=1
dev add d8 bus=b1 id=x parent=d4 type=t1 attrs=driver_override:wo
drv add r3 bus=b1 ids=x probe=-EPROBE_DEFER:3 async=1
hook r3 probe
dev init d5 id=z parent=d8 type=t1 attrs=driver_override
dev add d13 bus=b1 id=y parent=d8 driver=r7 devt=254:7
dev attach d5
link add d8 d9
dev reprobe d4
drv add r6 bus=b1 ids=q shutdown=1
hook r6 probe dev del d8
dev add d2 bus=b1 id=x
probing block
dev find d5 d2
dev register d5
pm
dev register d5
pm noirq=1
probing unblock
dev add d11 name=a:b bus=b1 id=x devt=241:1
dev release d5
uevent d2 move
dev reprobe d11
dev add d1 bus=b3 id=z type=t1 norelease=1
