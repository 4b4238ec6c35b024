# wild program: theme kobj
kobj init k2
kset add s2 uevent=1 filter=0 subsys=-
cat bus/b1/drivers/r1/module
kobj create k4
kobj init k7
kobj create k5 name=uevent1 attrs=subsystem,aa
kobj move k4 k2
readlink devices/d1
kobj put k5
kobj rename k7 n1
kobj move k5 k4
kset list s2
kset add s1 uevent=1 filter=0
kset find s2 k5
kset list s1
kobj get k7
kobj init k1 kset=s1 attrs=da:ro,aa:wo,dev:wo
kobj create k6 kset=s1 attrs=driver_override,online:ro,uevent,waiting_for_supplier:wo,dev,x-y_z
kobj create k3 parent=k6 kset=s2
ls devices/d1/da
kobj get k1
kset find s1 k1
kset find s2 k3
kset find s2 k6
ls bus/b1/devices
kobj add k3 parent=k7
kobj put k1
kobj uevent k2 move fill=62
cat devices/d1/online
ls bus/b1/devices/d1/online
ls s1/k6/k3
kobj add k7 parent=k6
kobj move k6 -
kset add s3 filter=0
ls k2
kset list s3
kobj uevent k3 remove K0=1 fill=63
kobj uevent k5 change K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=1 K2=1 K3=1 K4=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K5=1 K6=1 K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K8=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K9=1 K10=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K13=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K14=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K15=1 K16=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K17=1 K18=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K19=1 K20=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K21=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=59
write bus/b1/drivers/r1/unbind d1
cat dev/char/252:0
kobj init k8
readlink bus/b1/drivers/r1/module
ls class/devlink
kobj rename k2 k1
kset add s4 name=a:b parent=k2 uevent=1 filter=0
kobj create k1 parent=k5 kset=s1
kset list s3
write s3 d1
stat class/devlink
kobj init k3
kobj create k7
kobj del k3
kobj uevent k3 move
kobj uevent k2 unbind
