# wild program: theme pm
bus add b2 notify=1 offline=1 dma=-EPROTO devattrs=online:wo,cc:wo,driver,ba,bb,x-y_z
class add c3 name=c2 attrs=waiting_for_supplier:ro,ba:ro,online,driver_override,driver,uevent
drv add r6 bus=b2 ids=x,y sync_state=1
dev add d3 id=y class=c3 probe=-133
dev add d14 id=x parent=d3
dev add d10 name=d12 bus=b2 id=y parent=d14 class=c3
dev add d9 bus=b2 parent=d10
drv add r2 bus=b2 ids=x,y,z probe=defer:d9 shutdown=1
dev add d5 bus=b2
drv add r3 bus=b2 name=%s ids=z probe=0 attrs=da:ro
hook r3 probe drv set r3 probe=0
drv add r1 bus=b2 name=r7 ids=x devattrs=x-y_z:wo,driver_override:ro,dev:ro
sync pause
dev attach d14
link add d14 d3 flags=rpm_active,pm_runtime
