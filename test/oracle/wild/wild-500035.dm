# wild program: theme pm
bus add b2 notify=1 override=1 pm=1
dev add d1 bus=b2 id=x attrs=driver:wo,dev:ro
dev add d2 bus=b2 id=y
dev add d4 bus=b2
drv add r1 bus=b2 ids=y probe=0 async=1
dev add d10 bus=b2 parent=d4
drv add r5 bus=b2 ids=x probe=-133 async=1 sync_state=1
hook r5 remove dev del d10
dev init d3 bus=b2
dev init d14 bus=b2 id=z
drv del r5
pm noirq=1
intf add i3 class=c1
link add d1 d4 flags=managed,rpm_active
dev attach d11
class add c2 uevent=-EFAULT attrs=x-y_z:ro,waiting_for_supplier,own
sif add f3 bus=b2
bus devs b2 start=d10
link remove d14 d10
bus add b1 shutdown=1 uevent=1
hook r1 remove
dev move d10 d10 order=after
drv set r1 devm=na,nb
pm noirq=1
hook r1 probe dev add %-k bus=b2 id=w parent=% probe=0
dev attach d2
dev add d12 bus=b1 id=x parent=d10 class=c2
link remove d1 d4
