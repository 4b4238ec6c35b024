# wild program: theme mixed
bus add b3 notify=1 probe=1 offline=1 match=2 uevent=1 devattrs=dev:ro,cc:wo,waiting_for_supplier:ro
dev init d12 bus=b3 id=y
dev add d6 bus=b3 id=y
drv add r4 bus=b10 ids=x devm=mb,mf,mg async=1 noprobe=1
dev init d9 bus=b3 id=x
dev add d1 bus=b3 id=y
dev add d2 bus=b3 id=x parent=d1
drv add r1 bus=b3 ids=x,y probe=-517 sync_state=1 shutdown=1 pm=1
dev add d13 bus=b3
write /abs r1
kobj create k6
dev offline d12
bus rescan b3
deferred
kset add s4 parent=k6 uevent=1 filter=1 subsys=-
bus rescan b3
dev attach d13
dev online d9
link remove d1 d13
link add d13 d13 flags=managed
drv del r4
dev add d10 bus=b3 id=x probe=defer:d1
intf add i1 class=c1
write bus/b3/drivers/r1/bind
write devices/d13/own r1
dev reprobe d2
bus rescan b3
dev put d9
write devices/d6/driver_override 1
dev drvattach d10 r1
ls bus/b3/devices/d1
dev online d1
kobj del k6
readlink k6
bus set b3 uevent=1
bus set b3 match=1
probing unblock
