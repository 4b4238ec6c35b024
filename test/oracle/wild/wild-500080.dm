# wild program: theme class
bus add b3 uevent=1
bus add b1 name=x/ notify=1 probe=1 sync_state=1 override=1 offline=1 devattrs=aa:wo,da:ro,bb
class add c3 name=a=b attrs=driver devattrs=waiting_for_supplier
type add t3 uevent=1
drv add r2 bus=b1 ids=x probe=0 devattrs=da,driver_override:wo,dev:wo
dev add d11 bus=b3 id=y class=c3 devt=249:1 suppress=1
dev add d6 name=* id=y class=c3
drv add r4 bus=b3 ids=q probe=-ENOMEM:2 pm=1 attrs=waiting_for_supplier,driver:ro,cc:wo
sif add f2 bus=b3
dev rename d6 d1
write devices/virtual/a=b/d11/uevent bogus
ls bus/b3
drv add r6 bus=b3 ids=x,y,z devm=mf,mg,me
readlink class/a=b/driver
bus add b2 name=%d notify=1 shutdown=1 override=1 match=2 devattrs=own:wo drvattrs=online,dev:wo
ls class/a=b/d11/uevent
dev attach d6
pm
write class/a=b \n
drv add r8 bus=b3 name=k1 ids=z probe=-EEXIST devm=mc,mb,mf,mg,mh,md,me,ma async=1 sync_state=1 pm=1
drv del r8
uevent d11 offline K0=a:b K1=1 K2=a:b K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=1 K6=a:b K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K8=a:b K9=v K10=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K11=v K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13= K14=v K15=v K16= K17= K18=v K19=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev online d6
dev add d12 id=y parent=d6 class=c3 norelease=1
ls a//b
dev drvattach d12 r10
write bus/x!/drivers/r2/bind d1
dev move d11 - order=before
dev attach d11
dev attach d6
cat dev/char/250:1
devres add d12 ma
drv del r2
dev add d4 name=d1 bus=b2 id=x parent=d11 attrs=cc:wo,bb:wo
dev release d11
dev children_rev d11
dev add d14 name=d12 bus=b1 id=x parent=d12 attrs=bb:ro,driver:ro,cc,waiting_for_supplier,dev,uevent:ro
deferred
dev find d11 d11
