# wild program: theme dev
bus add b1 name=%s notify=1 offline=1 pm=1 match=-1 battrs=x-y_z
dev add d10 name=driver bus=b1 id=x
drv add r2 bus=b1 name=a!b ids=x probe=0 devattrs=ba:ro,cc,driver_override,aa:wo,da:ro,x-y_z:ro
drv add r7 bus=b1 name=.hid ids=a,b,c,d,e,f,g,x devm=mg,ma,mh shutdown=1 pm=-ENXIO attrs=waiting_for_supplier:wo,ba:wo,da,online,x-y_z:ro,subsystem
dev add d12 name=%s bus=b1 id=x probe=-EPROBE_DEFER:1
dev add d7 bus=b1 id=x
write devices/d7/driver_override 1\n
dev register d10
dev release d10
dev drvattach d10 r7
devres rel d7 ga
dev find d7 d10
dev attach d12
dev release d7
bus add b2 sync_state=1 uevent=-EPIPE battrs=dev:wo
intf add i3 class=c1
dev children d7
bus set b1 match=2
write devices/d7/online 1\n
class add c2 name=bind uevent=1 attrs=bb pm=1
