# The link in the class's directory follows a rename; refusals.
class add c attrs=taken
dev add p
dev add d1 class=c
dev add d2 class=c
dev rename d1 d2
dev rename d1 taken
dev rename d1 d1
ls class/c
dev rename d1 d3
ls class/c
dev add d4 class=c parent=p name=d3
dev rename d2 d4
dev add d5 class=c parent=p name=d3
dev move d1 p
ls class/c
dev rename d1 d6
dev del d1
ls class/c
