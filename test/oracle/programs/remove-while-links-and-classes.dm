# A parent with a class device, a link below it and a driver that adds children is pulled out.
bus add b notify=1
class add c
intf add i class=c
drv add hub bus=b ids=h devm=hm
drv add leaf bus=b ids=l devm=lm shutdown=1
hook hub probe dev add leaf-% parent=% bus=b id=l class=c
hook hub remove dev del leaf-%
dev add h1 bus=b id=h
dev add h2 bus=b id=h
dev add x bus=b id=l
link add x leaf-h1
link add leaf-h2 x
write bus/b/drivers/leaf/unbind x
dev attach x
dev remove h1
dev put h1
deferred
ls class/devlink
shutdown
dev add h3 bus=b id=h
probing unblock
dev del h2
