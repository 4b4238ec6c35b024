# beside a device that is off the list a device leaves it, beside one that is on it a device comes back
bus add b shutdown=1
dev add d1 bus=b
dev add d2 bus=b
dev add d3 bus=b
shutdown
dev add e1 bus=b
dev add e2 bus=b
dev add e3 bus=b
dev move e1 d1 order=after
dev move d2 e2 order=after
dev move d3 e3 order=before
shutdown
dev move d1 - order=last
dev move e1 d3 order=after
shutdown
dev move d1 - order=last
dev move d2 d1 order=before
dev move e2 d2 order=before
shutdown
