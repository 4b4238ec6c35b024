# wild program: theme dev
bus add b3 notify=1 sync_state=1 override=1 pm=1 drvattrs=dev:ro,driver:wo,da:ro
bus add b1 probe=1 uevent=-EEXIST battrs=driver,own,bb,cc,ba:wo,x-y_z
drv add r2 bus=b1 ids=y probe=-EPROBE_DEFER:3 pm=1
dev add d8 bus=b1 id=x driver=r2 attrs=online:ro
dev add d9 id=z devt=247:255
drv add r7 bus=b3 name=a* ids=a,b,c,d,e,f,g,x devm=mh,ma,mb,mg,mc,md,me,mf async=1 noprobe=1 pm=1 devattrs=uevent
dev add d11 bus=b1 id=y devt=245:0
dev add d13 name=d1 id=x devt=246:1
dev add d6 name=a=b bus=b3 id=x parent=d13 driver=r7
drv add r3 bus=b3 ids=x,y devattrs=own
hook r3 remove uevent % add A=1
dev add d5 name=uevent1 bus=b3 id=y devt=249:255
drv add r6 bus=b3 ids=x probe=-ESPIPE:1 attrs=subsystem
dev get d9
link add d9 d6 flags=rpm_active
bus del b3
readlink devices/virtual/devlink/b3:a=b--:d9/auto_remove_on
dev drvattach d9 r2
bus sort b3
dev drvattach d5 r7
ls devices/uevent1/consumer::d9
bus finddrv b1 r6
dev put d8
dev add d10 name=d3 bus=b3 id=x parent=d13 devt=243:1 probe=0 suppress=0
dev del d8
pm
uevent d10 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev attach d13
dev add d7 bus=b1 id=z parent=d10
dev reprobe d6
dev get d13
pm noirq=1
dev move d9 d6 order=last
dev drvattach d13 r7
dev move d9 d13
uevent d9 bind K0=a:b K1= K2= K3=a:b K4=1 K5= K6=v K7= K8=a:b K9=a:b K10=a:b K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=a:b K13=v K14=v K15=1 K16= K17=1 K18=1 K19=a:b
devres rel d7 ma
devres add d7 mb
devres dgroup d7 ga
dev add d12 id=y parent=d7 devt=243:7 probe=-EISDIR
dev attach d10
dev children d9
link remove d9 d6
dev reprobe d9
pm noirq=0
dev children_rev d9
dev release d10
bus rescan b3
dev online d11
dev set d13 suppress=1
link add d5 d12 flags=autoremove_consumer
devres open d10 ga
devres add d10 ma
devres rgroup d10 gb
dev children d11
dev get d7
devres dgroup d11 gb
devres open d11 ga
devres add d11 ma
link add d11 d12 flags=autoremove_consumer,rpm_active
