# wild program: theme link
bus add b3 notify=1 remove=1 override=1 offline=1 match=-EIO uevent=-EEXIST drvattrs=dev:wo,ba:wo,online,bb,uevent:wo,aa:ro
dev add d4 bus=b3 id=y
drv add r7 bus=b3 ids=x probe=0 async=1
hook r7 probe dev add %-m bus=b3 id=y parent=%
drv add r4 bus=b3 ids=x probe=0 noprobe=1
drv add r3 bus=b3 ids=q probe=0 devm=ma,mc shutdown=1
dev add d2 bus=b3 id=y
drv add r1 bus=b3 ids=y devm=mc,me,md,mb,ma,mf,mg,mh
link remove d2 d4
link add d2 d2 flags=pm_runtime,managed
type add t3 uevent=1
shutdown
dev online d2
dev online d2
ls devices/virtual/devlink/b3:d2--b3:d2/status
intf del i1
dev set d4 id=y
dev add d5 id=x
drv del r4
link add d5 d4 flags=autoprobe_consumer,managed
link add d5 d4 flags=autoremove_supplier
link add d2 d4 flags=rpm_active
link add d4 d4
bus set b3 uevent=1
link remove d2 d4
sync pause
sync resume
type add t1 uevent=1
sync pause
dev del d2
link add d5 d4 flags=pm_runtime,sync_state_only
drv add r6 bus=b3 ids=x probe=0 match=0 devm=mf
dev add d12 id=z attrs=own,subsystem,waiting_for_supplier:ro
dev find d2 d5
link add d5 d12
link remove d2 d2
link add d12 d5 flags=pm_runtime,stateless
dev drvattach d5 r1
dev init d7 bus=b3 id=x
dev del d5
link remove d12 d5
dev find d2 d2
