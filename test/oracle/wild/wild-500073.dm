# wild program: theme hook
bus add b2 name=%s notify=1 uevent=-EISDIR dma=1
dev add d5 name=r1 bus=b2 id=x attrs=waiting_for_supplier:ro devt=253:1
dev add d3 name=9z bus=b2 id=x parent=d5 probe=-EPROBE_DEFER
dev init d14 bus=b2 id=z parent=d3 attrs=x-y_z,driver:wo,cc,online:ro,subsystem:wo,uevent
drv add r1 bus=b2 ids=y devm=md,ma,mb,mh,mf,mc,me,mg async=1 noremove=1 devattrs=uevent:ro,dev:ro,online:ro
dev add d13 name=uevent1 id=x parent=d3
link remove d5 d14
dev get d5
bus drvs b2
dev register d14
link add d5 d14 flags=sync_state_only,autoprobe_consumer
dev rename d13 nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
hook r1 probe devres close d5 ma
drv add r2 bus=b2 devm=md,me,mc sync_state=1
dev reprobe d5
drv add r4 bus=b2 name=a* ids=x attrs=subsystem
