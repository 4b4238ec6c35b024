# devices leave the list that shutdown walks; what is put last afterwards comes back
bus add b shutdown=1
dev add d1 bus=b
dev add d2 bus=b
dev add d3 bus=b
shutdown
shutdown
dev add d4 bus=b
link add d1 d2
shutdown
# without an order nothing comes back
dev move d3 d2
shutdown
dev move d3 - order=last
shutdown
