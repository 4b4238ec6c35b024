# A device takes the name of one below it; its release takes away the link of that one.
bus add b1 notify=1 override=1
dev add d4 bus=b1 id=x
dev add d7 bus=b1 id=x parent=d4
dev add d5 bus=b1 id=x parent=d7
drv add r3 bus=b1 ids=x probe=0 sync_state=1
dev add d2 bus=b1 id=x parent=d5
dev rename d4 d2
drv set r3 probe=-EINVAL
dev reprobe d4
