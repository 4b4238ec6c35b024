# Managed resources go before the links of the device are dropped.
bus add b
drv add sup bus=b ids=s devm=s1,s2 sync_state=1
drv add con bus=b ids=c devm=c1,c2
dev add s bus=b id=s
dev add c bus=b
link add c s flags=autoremove_consumer
dev set c id=c
dev attach c
ls devices/c
write bus/b/drivers/con/unbind c
ls devices/c
dev attach c
link add c s flags=autoremove_supplier
write bus/b/drivers/sup/unbind s
ls class/devlink
dev attach s
dev attach c
link add c s flags=autoremove_consumer,pm_runtime
dev set c probe=-EIO
dev reprobe c
ls class/devlink
dev del s
dev del c
