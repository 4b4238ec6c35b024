# wild program: theme mixed
bus add b3 name=b1 override=1 pm=1 drvattrs=x-y_z:ro,cc,subsystem:ro,ba,online:ro,waiting_for_supplier:wo
class add c2 name=q' uevent=1
dev add d10 bus=b3 id=y class=c2 norelease=1
dev add d9 bus=b3 id=z parent=d10
drv add r7 bus=b3 ids=q probe=-EPROBE_DEFER:2 match=0 async=1 shutdown=1 pm=1
dev add d7 id=x class=c2
dev add d13 bus=b3 id=x
dev add d5 bus=b3 id=z attrs=da
drv add r3 bus=b3 name=bind ids=x probe=0 sync_state=1 shutdown=1 pm=1 devattrs=ba,subsystem:wo
drv add r8 bus=b3 ids=q async=1 sync_state=1
drv add r5 bus=b3 ids=z pm=-ENOTEMPTY attrs=aa:wo,driver
hook r5 probe dev add %-k bus=b3 id=y parent=%
kobj create k1
ls k1/bb
ls devices/virtual/q'/d10/da
kobj create k7
link remove d5 d9
kobj add k1 name=a!b
stat bus/b1/devices
drv add r4 bus=b3 ids=y probe=-EXDEV:2 async=1 suppress_bind_attrs=1 sync_state=1 pm=-ETIMEDOUT
write devices/d5/subsystem 0
pm noirq=1
kset add s4 uevent=1 filter=1
ls s4/k7
ls bus/b1/drivers_autoprobe
dev add d4 name=x/ bus=b3 id=z parent=d9 attrs=ba,driver,driver_override:wo,own:wo,da,dev
dev move d10 - order=none
link add d9 d9 flags=autoremove_consumer,managed
cat bus/b1/drivers/r5/ba
kobj uevent k1 unbind
link add d9 d9 flags=autoremove_supplier,managed
uevent d7 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
pm noirq=0
write bus bad\q
pm
bus sort b3
dev move d7 d9
link add d13 d10 flags=managed
