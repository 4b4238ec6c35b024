# Slashes and exclamation marks in all kinds of names.
bus add b uevent=1
class add c uevent=1
drv add r name=x/y bus=b ids=i
drv add s name=x!y bus=b ids=j
ls bus/b/drivers
bus finddrv b x/y
bus finddrv b x!y
dev add d name=p/q bus=b id=i class=c devt=241:1
dev add e name=p!q bus=b id=i
dev add f name=/ bus=b id=i
dev add g name=! bus=b id=i
dev add h name=a//b bus=b id=i devt=241:2
ls bus/b/devices
link add h d
ls class/devlink
ls class/c
kobj create k name=m/n
kobj create l name=m!n
kset add s1 name=s/t
kset find s1 m/n
dev rename d u!v
cat class/c/u!v/uevent
readlink class/c/u!v
dev rename h w/x
ls bus/b/devices
dev del h
dev del d
