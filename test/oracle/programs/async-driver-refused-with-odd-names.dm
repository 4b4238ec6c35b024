# A file of the asynchronous driver is refused: what it bound leaves it before the deferred device is tried again.
bus add b1 shutdown=1 drvattrs=online:wo,waiting_for_supplier:ro,x-y_z:ro,aa:ro,bb:wo,driver_override:wo
drv add r7 bus=b1 name=subsystem ids=x,y probe=defer:d1 devm=md,mg sync_state=1
dev add d9 name=(null) bus=b1 id=y
dev add d4 bus=b1 id=z parent=d9 devt=251:7
drv add r2 bus=b1 name=a"b ids=z probe=-EPIPE async=1 sync_state=1 noprobe=1 pm=-EEXIST attrs=driver_override:ro,cc
