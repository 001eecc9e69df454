"""A pseudo terminal: says its path in a line, then passes bytes between it and standard input and output."""

import os
import pty
import select
import tty

master, slave = pty.openpty()
tty.setraw(slave)
os.write(1, (os.ttyname(slave) + "\n").encode())
while True:
    ready, _, _ = select.select([0, master], [], [])
    if 0 in ready:
        data = os.read(0, 4096)
        if not data:
            break
        os.write(master, data)
    if master in ready:
        os.write(1, os.read(master, 4096))
