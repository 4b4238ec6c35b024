# wild program: theme obj
bus add b2 name=drivers_probe notify=1 probe=1 uevent=-EOPNOTSUPP dma=1
class add c3 shutdown=1
dev add d5 name=d6 bus=b2 id=y class=c3 suppress=1
dev add d2 name=a:b bus=b2 id=x class=c3 probe=0
dev add d11 bus=b10 id=y parent=d5 class=c3
drv add r2 bus=b2 name=r1 ids=x,y devm=mg,mc,me,mf,mh,md,mb,ma sync_state=1 attrs=uevent,own
dev add d14 name=a,b bus=b2
drv add r8 bus=b2 ids=x async=1
hook r8 probe dev del %
stat class/c3/a:b/uevent
bus sort b2
write devices/virtual/c3/d6/d11/driver_override xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dev set d5 id=x
bus rescan b2
dev add d4 name=k1 bus=b2 probe=-517
dev add d1 bus=b2 id=y
