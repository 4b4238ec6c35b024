# wild program: theme link
bus add b2 remove=1 match=-1 uevent=1
dev add d11 bus=b2 id=z
dev add d6 id=x parent=d11
dev add d8 bus=b2 id=z parent=d6 devt=240:1 suppress=0
drv add r5 bus=b2 ids=x,y probe=0 devm=me,mb
dev add d5 bus=b2 id=x parent=d8 attrs=driver_override:ro
dev attach d11
bus finddrv b2 r5
link add d6 d8
link add d5 d8 flags=pm_runtime
dev release d11
link add d8 d5
intf add i1 class=c1
dev rename d6 d2
readlink devices/d11/subsystem
uevent d5 unbind K0=1 K1=v
dev attach d6
deferred
dev register d11
cat bus/b2/drivers/r5
dev attach d5
drv add r1 bus=b2 ids=x,y probe=0 async=1
link remove d11 d11
bus set b2 dma=1
write bus/b2/drivers/r5/bind 1
link add d8 d5
sync pause
dev add d12 bus=b2 id=y parent=d5
intf add i2 class=c1
dev online d6
cat k1/bb
devres add d8 gb
shutdown
class devs c1
probing unblock
link remove d5 d8
