# wild program: theme kobj
kobj init k5
kset add s2 parent=k5
kset add s3 parent=k5 uevent=1 filter=0
kobj add k5
kobj move k5 k5
kobj uevent k5 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=1 K2=1
kobj create k3 parent=k5 kset=s3
kobj put k3
kobj create k7 parent=k5
kobj get k6
kobj uevent k5 bind fill=50
kobj uevent k5 unbind K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=1
kobj del k3
kobj move k18 -
kset list s2
kobj add k3 parent=k7
kobj create k6
kobj add k7 parent=k5
kobj del k5
kset del s2
kobj create k4 name=k6 parent=k5 attrs=ba
kset add s1 parent=k4 kset=s2 uevent=1 filter=1
kobj move k7 -
kobj del k4
