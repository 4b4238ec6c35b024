# device_move does not look after the class's directory that the device leaves: nobody removes it.
class add c
dev add p
dev add d class=c
dev add e class=c
ls devices/virtual
dev move d p
ls devices/p
ls devices/virtual/c
dev del e
ls devices/virtual
dev move d -
ls devices/p
ls devices/virtual/c
dev del d
ls devices/virtual
dev add f class=c
dev move f p
class del c
dev del f
class add c
dev add g class=c
dev add h class=c parent=p
ls devices/p
ls devices/virtual
