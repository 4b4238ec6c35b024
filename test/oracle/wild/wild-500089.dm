# wild program: theme mixed
bus add b2 name=(null) notify=1 override=1
bus add b3 name=a* override=1 match=2 uevent=1
drv add r2 bus=b2 name=... ids=x probe=0
drv add r5 bus=b2 name=- ids=x,y probe=-EBUSY async=1 shutdown=1 attrs=subsystem
hook r5 probe devres rgroup % ga
dev add d13 name=devices bus=b3 id=y
dev add d14 bus=b3 id=y parent=d13
drv add r6 bus=b3 ids=x probe=0 devattrs=aa,own:ro
hook r6 probe
dev add d11 bus=b3 id=x
drv add r4 bus=b2 ids=y probe=defer:d11 devm=mg,mc devattrs=ba:ro,dev
hook r4 probe
ls bus/(null)/drivers_probe
sync pause
ls devices/devices/driver_override
ls devices/devices/own
write bus/(null)/drivers/-/bind Y
bus add b1 notify=1 uevent=1 drvattrs=x-y_z
class devs c1
type add t2
link remove d14 d11
link add d13 d14 flags=pm_runtime,rpm_active
dev init d12 bus=b3 id=x type=t2
kobj create k1
bus sort b3
cat devices/devices/x-y_z
dev drvattach d14 r6
cat devices/devices/d14
dev release d13
dev bind d13 r6
write s1/k1 d12
link add d11 d12
dev release d11
ls devices/d11/ba
dev register d12
bus finddrv b3 r6
dev add d7 bus=b1
dev init d8 name=éü bus=b2 id=x parent=d14 devt=251:255 suppress=1
probing trigger
write bus/(null)/drivers/-/bind éü
link add d8 d8 flags=stateless,autoremove_supplier,sync_state_only
bus add b1 offline=1 pm=1 uevent=1
link add d12 d12 flags=managed
kset add s4 uevent=1 subsys=-
bus finddrv b2 r2
link add d7 d11 flags=sync_state_only
sync resume
devres open d12 ma
kobj add k1 name=a/b/c parent=k1
write bus/(null)/drivers/.../waiting_for_supplier -ENOMEM\n
dev add d6 bus=b2 id=x parent=d14 devt=254:1
kobj uevent k1 bind
pm noirq=1
write devices/d12/consumer:a*:devices d12
dev put d11
uevent d8 online K0=1 K1=
drv add r3 bus=b1 name=r7 ids=q probe=0 devm=md,mh async=1
hook r3 probe dev add %-k bus=b3 id=y parent=% class=c1
ls k1/waiting_for_supplier
bus finddrv b3 r6
type add t1
dev offline d16
dev online d13
ls devices/devices/d14/d6/uevent
dev put d6
cat devices/d7
link add d12 d13
dev drvattach d6 r2
drv add r7 bus=b2 ids=x,y probe=0 devm=md,mg,me async=1 attrs=bb:ro
pm noirq=1
uevent d6 unbind K0=v K1=1 K2=a:b K3=v K4=a:b K5=1 K6=v K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
shutdown
uevent d7 change K0= K1=a:b K2=1 K3=a:b K4=v K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K7=
drv add r8 bus=b2 ids=q probe=-ETIMEDOUT sync_state=1
pm
