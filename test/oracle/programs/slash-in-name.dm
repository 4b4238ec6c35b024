# A slash in a device's name is ! in /sys and / again in DEVNAME.
bus add b uevent=1
class add blk
drv add r bus=b ids=x
dev add d name=cciss/c0d0 bus=b id=x class=blk devt=240:3
ls devices/virtual/blk
ls bus/b/devices
ls class/blk
ls dev/char
cat devices/virtual/blk/cciss!c0d0/uevent
write bus/b/drivers/r/unbind cciss/c0d0
write bus/b/drivers/r/unbind cciss!c0d0
bus find b cciss/c0d0
bus find b cciss!c0d0
dev rename d a/b/c
ls class/blk
cat class/blk/a!b!c/uevent
dev add e name=/x bus=b devt=240:4
dev add f name=x/ bus=b
ls bus/b/devices
dev move d e
