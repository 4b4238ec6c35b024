# wild program: theme pm
bus add b2 name=r1 notify=1 match=2 uevent=1
bus add b1 notify=1
class add c3 name=a:b uevent=1 attrs=dev:wo,cc devattrs=waiting_for_supplier:ro,bb,subsystem:ro pm=1
dev add d3 name=a\b probe=-ERANGE
drv add r3 bus=b2 ids=x,y probe=defer:d3 noremove=1 pm=-EISDIR
hook r3 remove link add d6 %
drv add r6 bus=b1 ids=x,y,z suppress_bind_attrs=1
hook r6 probe uevent d3 offline
dev add d7 bus=b2 id=x parent=d3 probe=-EBADF
drv add r2 bus=b1 name=bind ids=x,y noremove=1 pm=1
hook r2 remove dev del d7
drv add r4 bus=b16 name=%d ids=x async=1 devattrs=da
hook r3 remove
dev release d3
dev bind d3 r6
dev offline d7
deferred
link add d3 d7
class del c3
devres open d7 ma
dev move d7 d7 order=before
dev get d3
link remove d3 d7
dev move d7 d7
dev add d8 bus=b1 id=x probe=0
deferred
pm noirq=1
probing trigger
drv add r6 bus=b1 ids=x,y probe=-EPROBE_DEFER:1 pm=1
hook r6 remove link add % d3 flags=rpm_active
probing trigger
dev get d7
bus set b1 dma=1
bus find b1 d8
probing trigger
