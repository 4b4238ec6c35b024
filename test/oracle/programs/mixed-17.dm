bus add b1 override=1 notify=1
class add c1
drv add r1 bus=b1 ids=x,y probe=1:2
drv add r2 bus=b1 ids=x probe=-EPROBE_DEFER
dev add d1 bus=b1 class=c1 id=x parent=d6
dev add d2 bus=b1 parent=d2 attrs=bind:wo id=x devt=240:0
dev add d3 bus=b1 class=c1
dev add d5 class=c1 parent=d3
stat class
sif add q2 bus=b1
kset add s2 uevent=1
uevent d3 offline
dev add d1 norelease=1 bus=b1
sif del q2
drv add r3 bus=b1 suppress_bind_attrs=1 ids=x sync_state=1 probe=defer:d6
dev init d2 class=c1 bus=b1 id=x driver=r4
dev add d3 bus=b1 id=x
dev add d2 parent=d5 id=y bus=b1
drv set r4 devm=mb,mc
write bus/b1/drivers/r2/bind d2\n
bus del b1
probing trigger
kobj put k5
dev add d5 bus=b1 attrs=bb:ro norelease=1
hook r3 probe dev add %-k probe=-517 attrs=unbind:wo,own:wo,bind parent=% id=x bus=b1
hook r1 remove dev del %-k
write bus/b1/drivers/r4/bind d1\n
cat devices/d2/subsystem
bus del b1
drv add r1 bus=b1 probe=-EFOO
kobj create k1 attrs=driver_override:wo,uevent,bind kset=s2
deferred
dev set d1
uevent d3 online MODALIAS=m
kobj get k3
ls devices/d3/driver_override
kset find s2 k3
class add c1 uevent=-EINVAL
ls bus/b1/drivers
bus add b1 probe=1 sync_state=1 uevent=-EINVAL
class del c2
dev set d4 suppress=1 probe=-EPROBE_DEFER
dev add d2 name=x/y devt=240:0 id=x attrs=bind bus=b1
intf add i1 class=c1
devres rgroup d1 ga
bus del b1
bus add b2 uevent=1 match=ids remove=1
dev add d5 bus=b1 devt=254:255 id=x
ls nope
dev add d3 id=x bus=b1
drv add r1 bus=b1 probe=-EPROBE_DEFER:1 ids=y devattrs=new_id:wo,uevent,dev
drv devs r2
dev set d2 probe=-EPROBE_DEFER
ls bus/b1/drivers/r2
deferred
kobj uevent k1 change
uevent d5 online fill=19
probing block
write bus/b1/drivers/r3/bind d6\0x
dev add d2 id=x suppress=1
dev reprobe d5
dev init d4 bus=b1 probe=-EPROBE_DEFER:0 attrs=unbind
dev set d2 probe=-EPROBE_DEFER:1
ls devices/d1/driver_override
kset find s1 k3
kobj add k4 parent=k5
stat nope
dev add d1 id=x attrs=unbind bus=b1 parent=d5
drv devs r3
dev set d5 id=x probe=1
devres dgroup d2 ma
dev add d5 probe=-EPROBE_DEFER name=aa class=c1 id=x
dev add d5 bus=b1 devt=254:255
deferred
readlink bus/b1
write bus/b1/drivers/r2/bind d5\n
dev add d3 name=x/y attrs=aa:wo probe=-EPROBE_DEFER bus=b1
drv add r2 bus=b1 attrs=waiting_for_supplier,uevent,subsystem:wo ids=y devm=ma
dev init d5 probe=-EPROBE_DEFER:1 bus=b1 id=x suppress=1 attrs=own,c1
cat devices/d1
kobj put k3
uevent d2 offline A=1
kset add s1 filter=0 uevent=1
uevent d2 move B=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
dev add d3 id=y
dev add d2 attrs=state_synced bus=b1 parent=d1 id=y name=aa
kobj uevent k3 move
kobj create k3 kset=s1
cat devices/d1/d5
stat dev/char/240:0
deferred
write dev/char/240:0 -5
dev add d6 id=x devt=240:1 parent=d1 type=t1 bus=b1 name=d1
