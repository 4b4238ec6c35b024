# wild program: theme kobj
kobj init k3
kset add s3 uevent=1
kobj move k3 k3
kset find s3 k3
kobj create k2 kset=s3 attrs=ba:wo
kobj del k3
write devices/d1/driver_override r1
kset add s2 uevent=1 subsys=a-b
kobj get k2
kobj create k7 kset=s2
kobj put k7
ls s3/k2
kobj move k3 -
kobj rename k3 k2
kobj uevent k3 change K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=1 K3=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K4=1 K5=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K6=1 K7=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K8=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K9=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K10=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=1 K13=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K14=1 K15=1 K16=1 K17=1 K18=1 K19=1 K20=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K21=1
kobj uevent k2 offline
kset add s4
kobj create k8
kobj del k8
kset add s1 uevent=1
kobj create k7 kset=s2
kobj uevent k7 remove fill=60
kobj uevent k7 remove K0=1 K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=57
kobj move k2 k3
kobj uevent k2 unbind
kobj uevent k2 remove fill=60
