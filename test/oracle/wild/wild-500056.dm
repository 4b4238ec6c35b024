# wild program: theme sysfs
bus add b3 probe=1 remove=1
bus add b2 notify=1 offline=1 pm=0 devattrs=waiting_for_supplier,driver_override:wo,uevent:wo,cc,aa,driver:ro
class add c3 uevent=1
dev add d10 id=x class=c3 probe=1
dev add d2 bus=b3 id=y devt=247:7 probe=0
drv add r6 bus=b2 probe=0 devm=mc async=1
dev offline d2
cat xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
link add d2 d2
kobj create k4
dev release d2
write class/c3/d2 remove\n
dev drvattach d2 r6
class devs c3
write bus/b3/devices/d10 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed a=b-c
write devices/d2/waiting_for_supplier d2
intf del i1
write k4 add fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed K0=0 K1=1 K2=2 K3=3 K4=4 K5=5 K6=6 K7=7 K8=8 K9=9 K10=10 K11=11 K12=12 K13=13 K14=14 K15=15 K16=16 K17=17 K18=18 K19=19 K20=20 K21=21 K22=22 K23=23 K24=24 K25=25 K26=26 K27=27 K28=28 K29=29 K30=30 K31=31 K32=32 K33=33 K34=34 K35=35 K36=36 K37=37 K38=38 K39=39 K40=40 K41=41 K42=42 K43=43 K44=44 K45=45 K46=46 K47=47 K48=48 K49=49 K50=50 K51=51 K52=52 K53=53 K54=54 K55=55 K56=56 K57=57 K58=58 K59=59 K60=60 K61=61 K62=62 K63=63 K64=64 K65=65 K66=66 K67=67 K68=68 K69=69
bus set b3 uevent=1
