# An override set while the device waits for its supplier, or while it is deferred.
bus add b override=1 uevent=1
drv add sup bus=b ids=s
drv add r1 bus=b ids=x
drv add r2 bus=b probe=-EPROBE_DEFER:1
dev add s bus=b
dev add c bus=b id=x
write bus/b/drivers/r1/unbind c
link add c s flags=autoprobe_consumer
write devices/c/driver_override r2
write bus/b/drivers_probe c
deferred
dev set s id=s
dev attach s
deferred
write devices/c/driver_override nobody
bus rescan b
write bus/b/drivers/r2/unbind c
bus rescan b
write devices/c/driver_override \n
bus rescan b
deferred
drv del r2
write bus/b/drivers_probe c
dev reprobe s
deferred
