# A trigger while deferred_probe_work runs queues it again, behind the asynchronous probes that are queued: p is
# bound by the first of them, then that work tries c again, and only then the asynchronous probe of c comes.
bus add b
drv add late bus=b ids=y probe=-EPROBE_DEFER async=1
drv add now bus=b ids=y probe=defer:p
drv add other bus=b ids=x probe=-EPROBE_DEFER:1
drv add last bus=b ids=z
dev add p bus=b id=y
dev add x bus=b id=x
dev add c bus=b id=y
drv set late probe=0
dev add z bus=b id=z
