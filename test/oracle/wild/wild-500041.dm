# wild program: theme link
bus add b2 notify=1 probe=1 match=-EPROBE_DEFER
type add t2 uevent=1
dev add d8 bus=b2 id=x
dev add d7 id=y type=t2 devt=254:255
dev add d14 name=d7 bus=b2 id=z
drv add r2 bus=b2 ids=x,y,z probe=0 match=-1 devm=mc async=1 attrs=ba,waiting_for_supplier
hook r2 probe
cat devices/d8/online
sync pause
dev reprobe d8
bus rescan b2
dev offline d8
link add d8 d7
dev reprobe d7
dev children d14
link remove d8 d7
uevent d7 remove fill=59
link remove d8 d7
drv add r7 bus=b2 ids=x,y,z probe=-EPROBE_DEFER async=1 noremove=1
link add d8 d7 flags=rpm_active
sync resume
bus find b2 d14
link add d14 d7 flags=sync_state_only,managed,autoremove_consumer
link add d8 d14 flags=autoprobe_consumer,managed
dev add d13 bus=b2 id=x
dev add d9 id=x parent=d13 probe=-19
link remove d8 d7
hook r7 remove
link add d7 d14
dev release d7
dev move d9 -
cat bus/b2/devices/d13/uevent
dev attach d7
link remove d14 d7
dev reprobe d8
readlink dev/char/254:255
uevent d8 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1= K2=a:b K3=1 K4=v K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=a:b K7=1 K8= K9= K10= K11= K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K14=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K15=v K16=a:b K17=a:b K18= K19=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=58
link add d13 d14 flags=stateless
dev drvattach d9 r2
devres del d14 mb
dev register d14
dev attach d7
link remove d7 d14
drv add r4 bus=b2 ids=x,y,z probe=0 match=-EPROBE_DEFER pm=1
hook r4 probe devres add % ma
