# device_rename renames the link in the class's directory first; when the directory cannot follow, the link keeps the new name.
class add c
dev add p class=c
dev add d1 class=c parent=p
dev add taken parent=p
dev rename d1 taken
ls class/c
ls devices/virtual/c/p
dev rename d1 other
dev add d2 class=c name=d1
ls class/c
readlink class/c/d1
dev rename d1 other
dev del d1
ls class/c
dev rename d2 third
dev del d2
ls class/c
