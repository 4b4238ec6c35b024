# wild program: theme kobj
kobj create k2
ls bus/b1/drivers/r1/d1
kobj add k2 parent=k2
kobj create k3 parent=k2
kset add s2
kobj move k3 -
kobj add k3 parent=k3
kset add s4 subsys=-
kobj rename k2 k2
kset find s4 k3
kobj create k4 kset=s4
kset add s1 parent=k2 uevent=1 subsys=a-b
kobj init k8 kset=s4
kobj uevent k8 change fill=63
kobj init k1 kset=s4 attrs=driver_override:ro,online
kobj create k7 kset=s2
kobj get k8
kset list s4
stat devices/d1/own
kobj create k5
kobj init k6 kset=s4
kobj uevent k1 online
kobj uevent k4 bind fill=61
kobj create k6 parent=k7 kset=s4
write bus/b1/drivers_autoprobe -5
kobj get k2
kobj init k4 kset=s1 attrs=subsystem:ro,cc,online
kset add s3 uevent=1
kobj init k6 attrs=aa,x-y_z:wo
kset list s3
kobj put k4
kobj move k6 k8
kset find s2 k8
kobj put k8
kobj uevent k2 move K0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
kobj put k1
kobj move k5 -
kobj uevent k6 change
kobj put k2
kobj uevent k5 online
kobj uevent k7 change fill=50
kobj get k3
kobj create k4 kset=s1 attrs=waiting_for_supplier,own
kobj uevent k3 add K0=1
ls k2/s1/k4
kobj move k4 -
