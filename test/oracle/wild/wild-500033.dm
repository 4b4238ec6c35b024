# wild program: theme class
bus add b3 pm=1 battrs=own:ro drvattrs=own:ro,waiting_for_supplier:wo
class add c3 uevent=1 shutdown=1 pm=1
type add t1
drv add r3 bus=b3 ids=y probe=defer:d1 match=0
drv add r7 bus=b3 ids=x probe=-ENODEV:2 devm=md,mg
dev add d2 id=z class=c3 type=t1
drv add r5 bus=b3 ids=z
drv add r6 bus=b3 ids=x
dev add d1 bus=b3 id=x parent=d2
dev init d9 id=z parent=d1 class=c3 attrs=waiting_for_supplier,da:wo,aa:ro,driver,ba,own:ro suppress=1
dev init d14 name=d8 id=z class=c3 attrs=ba,cc:wo,online:wo,driver_override,subsystem:wo,aa probe=0
stat nosuch
write bus/b3/drivers_autoprobe bogus
dev drvattach d9 r5
bus rescan b3
write bus/b3/uevent d9\0zz
dev attach d1
drv add r1 bus=b3 ids=x probe=defer:d1 async=1 pm=1
drv add r4 bus=b3 ids=a,b,c,d,e,f,g,x shutdown=1
ls devices/virtual/c3/d2/d1/c3/d9/nosuch
sif add f1 bus=b3
dev remove d14
drv add r2 bus=b3 name=r5 probe=-EPROBE_DEFER:1 devm=md,mf,me async=1 noprobe=1
shutdown
dev remove d9
sif add f2 bus=b3
probing block
stat class/c3/d8
