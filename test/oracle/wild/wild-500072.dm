# wild program: theme dev
bus add b3 notify=1 shutdown=1 override=1 pm=1 devattrs=waiting_for_supplier:ro drvattrs=bb:ro,x-y_z:wo
type add t2 uevent=1 devattrs=da:wo,driver_override:wo
dev init d7 bus=b3 id=y devt=253:0
dev add d8 bus=b3 id=x
dev add d11 bus=b3 id=y
dev add d12 bus=b3 id=z parent=d11 devt=241:1
drv add r8 bus=b3 probe=-EPROBE_DEFER:3 sync_state=1 attrs=x-y_z devattrs=driver_override,uevent:ro,driver
hook r8 probe deferred
dev add d2 bus=b3 id=z devt=240:0
dev add d14 parent=d12
drv add r1 bus=b3 ids=x,y,z probe=-19 devm=mg noremove=1 attrs=bb:ro
dev offline d14
dev online d14
dev release d14
dev bind d14 r1
ls dev/char/254:0
bus finddrv b3 r1
dev add d9 name=d1 bus=b3 parent=d14
dev online d11
