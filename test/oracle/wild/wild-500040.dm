# wild program: theme mixed
bus add b2 notify=1 pm=1 uevent=1
bus add b1 notify=1 offline=1
class add c3 uevent=1 devattrs=driver,own:wo,cc
type add t2 uevent=1
dev add d4 bus=b1 id=y class=c3 suppress=1
dev add d8 bus=b1 id=z type=t2
drv add r5 bus=b2 name=a.b ids=x probe=-EPERM sync_state=1
drv add r7 bus=b1 ids=a,b,c,d,e,f,g,x probe=0 suppress_bind_attrs=1
hook r7 probe dev del %-k
ls devices/d8/nosuch
devres add d4 ma
devres open d4 gb
devres close d4 gb
devres add d4 mb
bus rescan b1
sync pause
stat dev/char
stat devices/virtual/c3/d4
ls devices/d8/subsystem
bus sort b2
bus devs b1
kobj create k7 name=drivers_probe
drv set r7 ids=x
kobj add k7 name=k4
bus add b3 name=a* remove=1 match=none-cb dma=1
dev reprobe d4
dev init d1 bus=b2 id=z
sif add f2 bus=b1
dev add d7 name=... bus=b2 id=z
sif add f3 bus=b3
ls a//b
write drivers_probe add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1\n
link remove d4 d4
dev release d8
devres rel d7 mb
devres rgroup d7 gb
devres open d7 ga
devres open d7 ga
write bus/b2/drivers_probe 1
link remove d1 d1
dev move d4 -
link add d8 d4 flags=pm_runtime
stat drivers_probe
pm
bus rescan b3
write bus/b1/drivers_autoprobe ...
dev attach d4
bus add b1 notify=1 sync_state=1 override=1 uevent=-EBADF
cat class
link add d1 d7 flags=autoremove_supplier,sync_state_only
dev put d1
dev offline d8
dev drvattach d8 r7
dev attach d4
bus drvs b2
devres add d7 ma
kset add s2 uevent=1
dev drvattach d8 r7
dev children_rev d7
dev put d8
devres add d7 ga
dev offline d7
