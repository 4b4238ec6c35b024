# online_store gives the bytes that were written, not the characters.
bus add b offline=1
dev add d bus=b
write devices/d/online 0ä
cat devices/d/online
write devices/d/online 1ä\n
cat devices/d/online
