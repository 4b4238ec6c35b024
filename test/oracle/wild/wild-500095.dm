# wild program: theme pm
bus add b2 offline=1 uevent=1 battrs=driver_override:wo
type add t1 uevent=1
drv add r3 bus=b2 ids=x,y async=1 sync_state=1 shutdown=1
dev add d11 bus=b2
dev add d9 bus=b2 id=z devt=249:7
drv add r4 bus=b2 ids=x probe=0 devm=mh,mc,mf
dev reprobe d11
dev attach d9
bus set b2 match=1
dev add d3 name=d10 bus=b2 id=x parent=d9 attrs=cc,driver_override
hook r3 remove devres dgroup % hk
pm
dev find d3 d9
uevent d9 offline K0=1 K1=1
uevent d11 unbind K0=1 K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=1 K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=v K7=1
deferred
devres add d9 mb
link remove d3 d3
dev add d10 name=d4 id=x parent=d3 type=t1
link remove d11 d9
dev add d4 bus=b2 probe=-EPROBE_DEFER
dev drvattach d3 r3
pm noirq=0
link remove d9 d10
uevent d3 add
dev move d11 d11 order=before
hook r4 remove
probing trigger
probing unblock
dev set d10 id=x probe=0
dev add d1 devt=1:1
probing unblock
drv add r7 bus=b2 ids=x,y probe=1 match=-EOPNOTSUPP async=1 suppress_bind_attrs=1 noprobe=1 pm=1
hook r7 remove
bus finddrv b2 r7
link remove d11 d9
dev reprobe d9
