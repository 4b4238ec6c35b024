bus add b1 notify=1
drv add r1 bus=b1 ids=x
drv add r1 bus=b1 ids=x,y
drv add r2 bus=b1 ids=x
dev add d1 bus=b1 id=x
dev add d2 bus=b1 parent=d2 id=x attrs=module
dev add d3 bus=b1 id=x type=t1
write bus/b1/drivers/r1/bind d4\s
dev add d2 id=x probe=0
kobj del k3
hook r1 probe devres rgroup % ga
kobj uevent k4 move
hook r1 remove bogus
drv add r1 bus=b1 devattrs=bb:wo,uevent devm=ma,mb probe=-EPROBE_DEFER:1 ids=x
class add c1 uevent=-EINVAL attrs=aa,driver
ls class/c1/d2/
devres add d1 mb
probing trigger
dev add d3 attrs=bind:wo devt=241:3 norelease=1 parent=d4 probe=-EPROBE_DEFER
dev add d2 id=x devt=240:1 bus=b1 name=n1 norelease=1
kset add s2 uevent=1 filter=1
kobj create k1
drv add r1 bus=b1 devm=ma,ma devattrs=bb,bind
kobj create k2
class add c1 uevent=1 name=c2
dev set d3
hook r1 remove devres open % ga
bus add b1 pm=1 uevent=1 drvattrs=uevent
dev set d6 probe=defer:d3
dev set d6
drv add r2 bus=b1 ids=y attrs=uevent:wo,drivers_probe pm=1
dev init d6 suppress=1 probe=-EPROBE_DEFER parent=d2 id=x
bus del b1
probing trigger
dev get d6
write bus/b2/drivers/r3/bind d3\n\n
dev remove d3
drv add r1 bus=b1 probe=-EEXIST:2 ids=x noremove=1 attrs=uevent
drv add r3 bus=b1 ids=x noremove=1
write bus/b1 \\ \t\s
write bus/b1/drivers/r1/subsystem add x
ls class/c2/unbind
cat class/c1/aa
