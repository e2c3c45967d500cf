#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Opens a menu on a terminal of its own, waits until TEXT stands there, leaves
it by the escape key, and exits with the status of the menu.

Usage: test-menuconfig.py TEXT COMMAND..."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

SECONDS = 300
LEAVE = b"\x1b\x1b"


def main():
    text, command = sys.argv[1], sys.argv[2:]
    pid, terminal = pty.fork()
    if not pid:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    screen, seen, end = "", False, time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            # It is quiet: all is drawn, or the escape key went by unseen.
            if seen:
                os.write(terminal, LEAVE)
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            break
        # Without what moves the cursor, colours, or draws lines.
        screen += re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])", "",
                         part.decode(errors="replace"))
        seen = seen or text in screen
    else:
        sys.exit(f"no '{text}' within {SECONDS} s, or no end: {screen[-300:]!r}")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status or not seen:
        sys.exit(f"status {status}, '{text}' seen: {seen}: {screen[-300:]!r}")


main()
