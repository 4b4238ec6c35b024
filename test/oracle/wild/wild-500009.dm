# wild program: theme mixed
bus add b1 notify=1 override=1 offline=1 match=2
class add c1 devattrs=waiting_for_supplier,ba,own:ro,aa:ro,da,uevent
type add t2 uevent=1 devattrs=online:wo,aa:wo
dev add d6 bus=b1 id=y type=t2
drv add r2 bus=b14 ids=x,y,z probe=0 devm=mg shutdown=1
dev add d1 id=x class=c1 attrs=cc:wo
dev add d3 id=z parent=d1 class=c1 type=t2
dev add d4 id=y parent=d3 class=c1 type=t2 devt=252:1 probe=0
pm
probing trigger
dev add d2 id=z type=t2 attrs=x-y_z:wo devt=253:0 probe=0
write bus/b1/drivers/r2/unbind d1
type add t1 uevent=1
dev release d2
dev bind d2 r2
dev release d1
dev bind d1 r2
ls k1/dev
bus set b1 dma=1
bus set b1 match=2
dev add d9 bus=b1 parent=d3 class=c1 attrs=cc
dev del d4
bus drvs b1
sif add f3 bus=b1
kobj create k4
uevent d1 unbind K0=a:b K1=1
write bus/b1/uevent r2\n
