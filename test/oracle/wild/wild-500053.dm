# wild program: theme dev
bus add b3 notify=1 probe=1 match=none-cb devattrs=x-y_z:ro
class add c2 devattrs=da:ro,waiting_for_supplier,uevent:ro
type add t3
dev add d7 type=t3
dev add d8 id=x parent=d7 probe=0
drv add r5 bus=b3 name=r4 ids=z devattrs=waiting_for_supplier:wo
drv add r2 bus=b3 ids=x devm=mc,mg async=0 noremove=1 pm=1
dev attach d8
dev online d7
pm noirq=0
uevent d7 online
dev set d8 id=x
drv set r2 devm=na,nb
dev reprobe d8
drv add r8 bus=b3 ids=a,b,c,d,e,f,g,x
intf add i3 class=c2
dev move d7 d7
cat /abs
drv del r8
sync pause
bus sort b3
dev find d8 d8
dev get d7
bus set b3 dma=1
write bus/b3/drivers/r4/bind d8
bus finddrv b3 r2
link add d7 d8 flags=autoremove_supplier,managed,rpm_active
write bus/b3/uevent 0
dev add d3 bus=b3 id=z parent=d7 class=c2
devres dgroup d7 gb
devres open d7 gb
devres rel d7 ma
pm noirq=1
dev set d8 id=y
cat s1
dev attach d7
probing block
write devices/d7/d8/uevent change
devres open d3 ma
dev remove d3
stat k1/aa
drv add r8 bus=b3 ids=z probe=-EPROBE_DEFER:1 match=1 devm=ma,md sync_state=1 shutdown=1
sif add f2 bus=b3
dev add d12 id=y class=c2 norelease=1
dev attach d7
dev release d12
