# Written add and change send events; drivers do not come back by them.
bus add b uevent=1
drv add r bus=b ids=x
dev add d bus=b id=x
write bus/b/drivers/r/unbind d
write devices/d/uevent add
write devices/d/uevent bind\n
write devices/d/uevent unbind
write devices/d/uevent remove
write devices/d/uevent change\n
write devices/d/uevent add 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8
write devices/d/uevent add 0F1A2B3C-4D5E-6F70-8192-A3B4C5D6E7F8 A=1 bc=de
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=b_c
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=1\s\sB=2
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=1\n
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8 A=1\sB=2\n
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8\n
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f
write devices/d/uevent change 0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8x
write devices/d/uevent change\s0f1a2b3c-4d5e-6f70-8192-a3b4c5d6e7f8\sDEVPATH=x\sSEQNUM=1
write devices/d/uevent change\s
write devices/d/uevent changes
write devices/d/uevent Add
write devices/d/uevent \sadd
write devices/d/uevent add\nremove
write devices/d/uevent \n
write devices/d/uevent add\0
write bus/b/uevent add
write bus/b/drivers/r/uevent add
write bus/b/drivers_probe d
dev del d
