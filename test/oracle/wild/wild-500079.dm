# wild program: theme kobj
kobj create k7 name=k7
kset add s3
kobj uevent k7 bind
kobj create k6 parent=k7 kset=s3
kobj move k7 -
kobj create k3 parent=k6 kset=s3 attrs=driver
kobj get k3
kset del s3
kobj uevent k3 offline K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=50
write devices/d1/driver_override xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
kobj del k6
kobj add k6 name=subsystem parent=k6
kobj create k8 parent=k7 kset=s3
kobj rename k3 n1
kset add s1 kset=s3
kset list s1
kobj create k1 parent=k3 kset=s3 attrs=driver,subsystem
kobj get k6
readlink k7/bb
