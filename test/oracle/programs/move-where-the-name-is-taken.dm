# A device that is moved below one that has a child of its name stays where it is.
bus add b
dev add p
dev add q
dev add x bus=b parent=p
dev add y name=x parent=q
dev move x q
ls devices/p
ls devices/q
readlink bus/b/devices/x
dev children p
dev children q
dev del y
dev move x q
readlink bus/b/devices/x
