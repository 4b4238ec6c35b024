# driver_set_override measures with strlen: a NUL ends the name, and a name of no length clears the override.
bus add b override=1
drv add r bus=b ids=x
dev add d bus=b
write devices/d/driver_override r
write devices/d/driver_override \0
cat devices/d/driver_override
dev set d id=x
dev attach d
