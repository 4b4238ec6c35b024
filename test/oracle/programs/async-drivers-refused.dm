# Several devices and drivers that probe asynchronously, and files that are refused late.
bus add b notify=1 drvattrs=x
drv add q bus=b ids=y probe=-EPROBE_DEFER
dev add e1 bus=b id=y
dev add e2 bus=b id=y
dev add d1 bus=b id=x
dev add d2 bus=b id=x
dev add d3 bus=b id=x parent=d1
drv add r bus=b ids=x async=1 attrs=x devm=ma,mb sync_state=1
drv add s bus=b ids=x async=1 probe=-EPROBE_DEFER:2 attrs=x
deferred
drv add t bus=b ids=x async=1 probe=defer:e1 attrs=y,x
drv add u bus=b ids=x attrs=y,x
drv set q probe=0
drv add v bus=b ids=x async=1 attrs=x
drv add w bus=b ids=x async=1
drv add v bus=b ids=x async=1 attrs=x
drv del w
drv add w bus=b ids=x,y async=1
hook w remove dev add %k bus=b id=y
drv add v bus=b ids=x attrs=x
drv del w
