# wild program: theme hook
bus add b1 override=1 pm=1 match=-1
drv add r2 bus=b1 ids=a,b,c,d,e,f,g,x probe=0 sync_state=1
hook r2 probe dev add %-k bus=b1 id=w parent=% probe=0
dev add d4 id=y
drv add r5 bus=b1 probe=0 shutdown=1 noprobe=1
dev add d8 bus=b1 id=x parent=d4
dev add d6 id=x parent=d8 attrs=subsystem:ro
dev add d7 id=y
intf add i3 class=c1
dev del d4
dev reprobe d7
link add d6 d7 flags=managed
bus finddrv b1 r5
write s1/k1 addx
deferred
dev release d7
dev bind d7 r5
devres rel d8 ma
devres open d8 gb
devres dgroup d8 gb
readlink class/devlink/:d7--:d6/supplier
pm noirq=1
dev add d5 bus=b1 id=x devt=243:255
dev offline d5
dev init d1 bus=b1 id=x parent=d8
dev del d6
link add d1 d8 flags=managed
devres add d7 gb
devres rel d7 ma
ls k1
dev attach d5
link add d1 d8 flags=stateless
bus devs b1 start=d7
dev release d7
drv devs r5
class add c1 uevent=1
drv add r3 bus=b1 ids=x
hook r3 remove
intf add i2 class=c1
dev add d2 bus=b1 id=y
