# A device without events, and one that is removed: what is sent for each.
bus add b uevent=1 notify=1
drv add r bus=b ids=x
dev add p bus=b id=x suppress=1
dev add c parent=p bus=b id=x suppress=1
write devices/p/uevent add
write bus/b/drivers/r/unbind p
dev set p suppress=0
write bus/b/drivers/r/bind p
write devices/p/uevent add
dev set c suppress=0
dev del p
dev del c
dev add q bus=b id=x
dev set q suppress=1
dev del q
dev add s bus=b
dev get s
write devices/s/uevent remove
dev remove s
dev put s
dev put s
