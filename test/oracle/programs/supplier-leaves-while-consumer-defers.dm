# sync_state that never comes: one of two consumers keeps deferring.
bus add b
drv add sup bus=b ids=s sync_state=1 devm=sm
drv add con bus=b ids=c probe=-EPROBE_DEFER
drv add ok bus=b ids=o
dev add s bus=b
dev add c bus=b
dev add o bus=b
link add c s
link add o s flags=autoprobe_consumer
dev set o id=o
dev set c id=c
dev attach o
dev attach c
deferred
dev set s id=s
dev attach s
deferred
cat class/devlink/b:s--b:c/status
cat class/devlink/b:s--b:o/status
cat class/devlink/b:s--b:o/auto_remove_on
cat class/devlink/b:s--b:o/runtime_pm
cat class/devlink/b:s--b:o/sync_state_only
drv set con probe=0
probing trigger
deferred
write bus/b/drivers/sup/unbind s
deferred
dev attach s
deferred
dev del c
dev attach s
sync pause
dev reprobe s
dev add c2 bus=b
link add c2 s flags=sync_state_only
sync resume
dev set c2 id=c
dev attach c2
dev del s
deferred
