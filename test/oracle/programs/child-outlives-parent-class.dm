# A class device below a bus device that is unbound, moved and deleted: directories of the class.
bus add b
class add nic
drv add r bus=b ids=x
hook r probe dev add n-% parent=% class=nic name=eth0
hook r remove dev del n-%
dev add p bus=b id=x
dev add p2 bus=b id=x
ls devices/p
ls devices/p/nic
ls class/nic
dev add n2 parent=p2 class=nic name=eth0
dev add n3 parent=p2 class=nic name=eth1
dev rename n3 eth0
dev rename n3 eth2
readlink class/nic/eth2
dev move n3 p
ls devices/p/nic
ls devices/p2
write bus/b/drivers/r/unbind p
ls devices/p
dev move n3 -
ls devices/virtual/nic
ls devices/p
dev del p
dev del p2
