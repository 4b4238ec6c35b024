# wild program: theme kobj
kobj create k7 name=.hid attrs=cc
kobj create k8
kset add s2 parent=k7
kobj move k7 -
kobj create k4 parent=k8 attrs=waiting_for_supplier:wo
kset add s4 kset=s2 uevent=1
kset add s1 uevent=-EPERM
kobj create k3 parent=k7 attrs=online:wo,own,aa:wo
cat bus/b1/devices/d18/uevent
ls class/c1/cc
kset add s3 uevent=1
kobj add k4
kobj rename k3 n1
write devices/d1/driver_override r1\n
ls devices/d1
kobj add k4
kobj init k2
kobj create k5 kset=s1
cat bus/b1/drivers/r1/module
kobj uevent k7 unbind
kobj move k2 -
