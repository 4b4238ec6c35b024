# wild program: theme pm
bus add b1 notify=1 override=1 uevent=1 dma=1
bus add b3 notify=1 uevent=1
dev add d6 id=y
dev add d4 id=x parent=d6
drv add r6 bus=b3 probe=defer:d4 devm=ma,me,mb sync_state=1 shutdown=1
dev init d12 bus=b3 id=x
dev init d1 bus=b3 id=y parent=d4
drv add r8 bus=b1 ids=x
dev add d2 id=y parent=d4
drv add r5 bus=b3 ids=x,y probe=0 suppress_bind_attrs=1 pm=1
dev add d10 bus=b1 id=z parent=d4
write devices/d6/d4/da add
deferred
probing block
dev attach d2
link remove d1 d4
link add d17 d6 flags=sync_state_only,autoprobe_consumer
drv del r6
probing block
dev add d11 bus=b1 id=y parent=d10 attrs=x-y_z:wo,cc:ro,ba:ro
pm noirq=1
dev set d12 id=x probe=0
link add d6 d1
hook r8 remove
link add d11 d4
dev get d11
reset
dev move d1 -
intf add i2 class=c1
dev put d1
hook r1 probe
deferred
pm
dev init d4 name=d6 id=z
bus rescan b1
devres rel d4 ma
devres dgroup d4 ga
devres add d4 mb
devres rgroup d4 gb
devres add d4 ma
devres open d4 ga
dev find d4 d4
dev add d7 name=d6 id=z
dev find d7 d7
probing unblock
bus devs b1 start=d4
