# wild program: theme pm
bus add b2 uevent=1 dma=1 battrs=bb,aa,x-y_z:wo,online:wo,waiting_for_supplier:wo,da devattrs=own
drv add r3 bus=b2 name=r5 ids=a,b,c,d,e,f,g,x probe=-133 devm=me,ma sync_state=1
drv add r5 bus=b2 ids=q async=1 suppress_bind_attrs=1 noprobe=1
dev add d13 bus=b2 id=x
dev init d5 name=subsystem id=y parent=d13
dev add d4 name=devices id=y probe=-EPROBE_DEFER:3
dev add d11 id=x attrs=ba:ro,bb,cc
dev init d6 name=* bus=b2 id=y
link add d13 d4 flags=autoremove_supplier,pm_runtime
dev reprobe d13
link add d5 d4 flags=autoprobe_consumer,sync_state_only,rpm_active
dev move d4 -
hook r5 remove dev add %-k bus=b2 id=y
devres open d4 gb
devres rgroup d4 ga
devres rel d4 ma
