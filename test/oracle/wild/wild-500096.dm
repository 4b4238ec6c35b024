# wild program: theme obj
bus add b2 name=a* notify=1 probe=1 offline=1
bus add b3 name=power2 shutdown=1 uevent=1 battrs=subsystem:wo,own:wo drvattrs=subsystem,driver_override:ro,ba,online:ro,x-y_z,dev:ro
class add c1 uevent=1 attrs=driver_override:wo,da,ba devattrs=uevent,waiting_for_supplier,subsystem:ro,dev,bb:ro,da
dev add d13 id=x class=c1 devt=249:0
dev add d1 bus=b3 id=x parent=d13
dev init d9 name=a"b bus=b3 id=z parent=d13 devt=243:0
drv add r5 bus=b2 ids=q probe=-ESPIPE suppress_bind_attrs=1 sync_state=1
drv add r4 bus=b3 ids=x,y probe=-EPROBE_DEFER:3 devm=mc,ma
dev add d7 name=(null) bus=b3 id=x parent=d13
drv add r8 bus=b2 ids=x,y pm=1
dev init d14 name=b1 bus=b3 class=c1
dev add d11 name=bind id=x
drv add r3 bus=b2 name=a/b ids=x devm=ma,me,mf async=1 shutdown=1 pm=-EPERM
hook r3 probe dev add %-k bus=b3 id=y parent=% probe=0
type add t3 devattrs=subsystem,driver:wo,driver_override
dev add d8 name=d1 bus=b3 id=z class=c1 type=t3 probe=0
write dev/char/252:1 a!b\n
sif add f3 bus=b2
ls s1
dev offline d11
intf add i1 class=c1
sif add f1 bus=b2
write bus/a*/uevent 1
dev add d2 bus=b2 id=x type=t3 norelease=1
dev add d6 bus=b3 id=x parent=d7
dev add d4 name=a=b bus=b2 id=z
intf del i1
