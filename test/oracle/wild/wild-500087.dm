# wild program: theme kobj
kobj create k5 name=0
kset add s3 uevent=1
kset add s4 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678 subsys=a-b
kset del s5
kobj add k5 parent=k5
kset add s2 parent=k5 uevent=-EINTR
kobj move k5 -
ls 0
kset add s1 name=~ uevent=1
kobj create k6 attrs=online,da,subsystem:ro
kobj uevent k5 unbind
kobj init k8 attrs=x-y_z
kobj init k4 kset=s3 attrs=da
kobj uevent k8 add K0=1 K1=1 K2=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
kobj init k1
kobj create k7 name=nabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij12345678
kobj del k5
kobj create k2
kobj get k4
kobj create k3 name=b1
cat class
kobj move k1 -
stat class/c1/online
kobj uevent k8 add K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
kobj add k5 parent=k2
kobj put k1
kobj init k7 kset=s1 attrs=ba:wo
stat class
kobj create k6 name=k3 kset=s3
kobj uevent k6 offline K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K1=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K2=1 K3=1 K4=1 K5=1 K6=1 K7=1 K8=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K9=1 K10=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K11=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K12=1 K13=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K14=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K15=1 K16=1 K17=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K18=1 K19=1 K20=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx K21=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx fill=57
