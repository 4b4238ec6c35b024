# A link that is made while its supplier's driver leaves is dormant: the consumer waits for the next driver.
bus add b
drv add sup bus=b ids=s
drv add con bus=b ids=c
dev add s bus=b
dev set s id=s
dev attach s
dev add c bus=b
hook sup remove link add c s
write bus/b/drivers/sup/unbind s
cat class/devlink/b:s--b:c/status
dev set c id=c
dev attach c
dev attach s
cat class/devlink/b:s--b:c/status
