# A link for sync_state only, asked for once more without that flag, becomes a full one: the consumer goes behind.
bus add b shutdown=1
drv add sup bus=b ids=s sync_state=1
drv add con bus=b ids=c
dev add c bus=b
dev add s bus=b
link add c s flags=sync_state_only
cat class/devlink/b:s--b:c/sync_state_only
link add c s flags=autoremove_consumer
cat class/devlink/b:s--b:c/sync_state_only
cat class/devlink/b:s--b:c/status
dev set c id=c
dev attach c
dev set s id=s
dev attach s
shutdown
