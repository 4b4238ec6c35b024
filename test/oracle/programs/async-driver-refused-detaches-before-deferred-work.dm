# A file of the asynchronous driver is refused: what it bound leaves it before the deferred device is tried again.
bus add b drvattrs=x
drv add q bus=b ids=y probe=-EPROBE_DEFER
dev add e bus=b id=y
dev add d bus=b id=z
drv add r bus=b ids=z async=1 attrs=x
