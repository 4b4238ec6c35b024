# NUL ends the text of driver_override; without a name before it the override is cleared
bus add b override=1
drv add r bus=b ids=x
dev add d bus=b
write devices/d/driver_override r
write devices/d/driver_override \0
cat devices/d/driver_override
dev set d id=x
dev attach d
