# wild program: theme mixed
bus add b1 notify=1 remove=1 offline=1 battrs=subsystem:wo
type add t2
dev add d7 name=driver bus=b1 id=x
dev add d10 bus=b1 id=x
dev add d11 bus=b1 id=y
drv add r5 bus=b1 name=A ids=a,b,c,d,e,f,g,x probe=-EPROBE_DEFER:3 async=1 pm=1
dev add d6 bus=b1 id=z attrs=subsystem
dev add d12 name=driver bus=b1 id=z parent=d11 attrs=aa,x-y_z:ro,driver:ro probe=0
dev add d3 name=subsystem bus=b1 id=x
bus set b1 match=-ETIMEDOUT
drv set r5 ids=x,y
dev add d14 bus=b1
write bus/b1/uevent 1
dev attach d6
write dev driver\n
dev release d7
dev bind d7 r5
bus find b1 d3
dev add d2 bus=b1 parent=d12 type=t2 devt=252:0 probe=0 suppress=1
deferred
drv add r8 bus=b1 name=b1 ids=y probe=0 match=-1 devm=mb,mc,mg async=1 attrs=driver:wo
dev set d14 suppress=0
link add d14 d7
kobj create k5 name=uevent1
ls class/c1
drv add r3 bus=b1 ids=z probe=0:3 devm=mf,ma async=1 sync_state=1 pm=-ENOENT attrs=bb,waiting_for_supplier:wo
hook r3 remove uevent d7 change
link add d14 d11 flags=autoremove_supplier,stateless
ls class
kset add s3 name=-- uevent=1
dev offline d11
link add d12 d6 flags=autoremove_supplier
dev add d4 name=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx bus=b1 id=x
link remove d14 d11
dev add d1 bus=b1 id=x probe=0
link add d14 d2
kobj move k5 -
link add d4 d11 flags=autoremove_supplier
