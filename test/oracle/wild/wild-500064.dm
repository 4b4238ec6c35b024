# wild program: theme link
bus add b3 notify=1 shutdown=1
bus add b2 notify=1 probe=1 sync_state=1 pm=1 match=-EPROBE_DEFER devattrs=cc:ro
type add t1 devattrs=da,aa:wo,waiting_for_supplier:ro,cc:wo,bb,driver:ro
dev add d11 bus=b3 id=y type=t1
dev add d6 bus=b3 parent=d11
dev init d2 bus=b3 parent=d6
drv add r8 bus=b3 ids=x probe=-EPROBE_DEFER:1 devattrs=driver_override:ro
dev add d14 id=x
dev init d10 id=x
link add d11 d2
devres rgroup d10 ga
type add t2 devattrs=online:ro,da,bb,x-y_z:wo,uevent:ro,dev:wo
link remove d11 d2
dev add d4 bus=b3 id=y
readlink devices/virtual/devlink/b3:d2--b3:d11/supplier
dev reprobe d4
ls bus/b3/devices/d4
deferred
link add d14 d2 flags=stateless,autoremove_consumer
link add d4 d10 flags=managed,pm_runtime
cat s1/k1
type add t3 devattrs=aa,driver_override:ro,x-y_z
link add d11 d14 flags=sync_state_only,managed,stateless
link add d6 d11 flags=managed,sync_state_only
dev release d14
link add d14 d11 flags=autoremove_supplier,managed
cat class/devlink/b3:d11--:d14/status
dev set d6 id=y
link add d4 d2 flags=pm_runtime,sync_state_only
dev attach d4
ls class/c1/d2
dev add d2 bus=b3 id=x
uevent d14 change K0=v K1=a:b K2=a:b K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=a:b K5=v K6=v K7=
dev init d3 bus=b2 id=x type=t1 attrs=ba probe=0:3 norelease=1
cat dev/char/248:255
drv attach r8
sif add f2 bus=b3
dev attach d2
bus devs b3 start=d10
link add d4 d14 flags=autoremove_supplier
hook r8 remove nonsense
drv add r1 bus=b3 ids=x,y,z probe=0 shutdown=1
dev drvattach d4 r1
dev offline d11
dev add d5 name=unbind bus=b3 id=x
sif add f2 bus=b3
write devices/d14 r1
dev drvattach d2 r1
link add d14 d5 flags=autoremove_consumer
link add d3 d3 flags=autoprobe_consumer,stateless
