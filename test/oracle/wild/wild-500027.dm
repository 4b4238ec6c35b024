# wild program: theme mixed
bus add b3 match=none-cb uevent=1
bus add b1 name=z? notify=1
dev add d2 name=a.b bus=b1 id=z attrs=subsystem:wo
dev init d14 name=%s bus=b3 id=x
dev add d6 bus=b3 parent=d2
drv add r1 bus=b3 ids=x probe=-6
hook r1 remove drv set r1 devm=zz
dev add d13 name=A bus=b3 parent=d6
dev add d12 name=a* id=x
drv add r2 bus=b3 name=%d ids=x,y probe=0 shutdown=1
dev find d13 d2
dev children_rev d6
readlink k1/bb
link add d6 d13 flags=pm_runtime
dev put d6
link remove d6 d13
drv add r7 bus=b1 ids=a,b,c,d,e,f,g,x probe=0 sync_state=1 attrs=own:wo
hook r7 probe link add % d14 flags=autoprobe_consumer
dev del d12
dev put d6
probing unblock
dev offline d14
kobj create k6
kobj create k3
write bus/z?/drivers/r7/bind add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed a=b-c
kset add s3
link remove d14 d6
bus add b2 notify=1 uevent=1 drvattrs=ba:ro,online:ro
dev add d3 bus=b3 id=z devt=243:1
link add d14 d2 flags=autoremove_consumer,managed
ls bus/b2/drivers
write bus/b3/drivers/r1/bind add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed
link add d13 d3 flags=stateless,rpm_active,autoprobe_consumer
cat nosuch
cat bus/z?/devices
drv add r4 bus=b3 ids=q async=1 sync_state=1
sif add f3 bus=b18
hook r1 remove
dev drvattach d13 r2
link remove d6 d13
write bus/b3/uevent d6
dev reprobe d13
link add d13 d3 flags=rpm_active,managed,autoremove_consumer
write bus/z?/drivers_autoprobe on
bus find b2 d6
