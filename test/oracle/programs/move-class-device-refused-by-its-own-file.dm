# device_move_class_links is refused a link where the device has a file of that name: it moves back, and not all the way.
class add c
dev add p
dev add d class=c attrs=device,own
ls devices/virtual/c/d
dev move d p
ls devices
ls devices/virtual
ls devices/d
ls devices/p
ls class/c
readlink class/c/d
dev children p
dev move d p order=after
ls devices/p
dev children p
readlink class/c/d
dev move d - order=last
ls devices/virtual/c/d
dev rename d e
ls class/c
dev del d
ls devices/p
ls devices/virtual
