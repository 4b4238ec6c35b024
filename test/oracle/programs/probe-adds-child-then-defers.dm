# A probe that adds a child which binds, and then asks for deferral.
bus add b
drv add par bus=b ids=p probe=-EPROBE_DEFER:3
drv add chi bus=b ids=c
hook par probe dev add k-% parent=% bus=b id=c
dev add p bus=b id=p
deferred
ls devices/p
dev children p
