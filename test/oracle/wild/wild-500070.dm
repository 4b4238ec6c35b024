# wild program: theme pm
bus add b3 probe=1 sync_state=1 offline=1 pm=1 drvattrs=bb:ro
class add c2 devattrs=dev:wo,aa:wo
dev init d4 name=d12 id=y class=c2 attrs=driver_override:wo norelease=1
drv add r2 bus=b3 name=(null) ids=x probe=0 devm=mb sync_state=1 pm=1
drv add r8 bus=b3 ids=x,y pm=1
dev add d3 bus=b3 id=x
dev init d14 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234567 bus=b3 id=x parent=d3
dev add d6 bus=b3 id=z
drv add r4 bus=b3 name=a@b ids=x probe=5 sync_state=1
dev add d5 bus=b3 class=c2 norelease=1
drv add r1 bus=b3 name=A ids=q probe=0
hook r1 probe dev del %
link add d3 d6
probing unblock
dev get d6
stat bus/b3/drivers/A/module
link add d6 d6 flags=autoprobe_consumer,autoremove_supplier
sync pause
link remove d5 d6
bus set b3 dma=1
write bus/b3/drivers/r8/unbind addx
write bus/b3/drivers/r8/bind d12
dev move d20 d14 order=after
bus sort b3
write devices/virtual/c2/d5/uevent add\0
drv del r1
sync resume
dev move d3 d6 order=after
dev release d4
dev attach d14
drv add r7 bus=b3 name=x/ ids=z
hook r7 probe deferred
