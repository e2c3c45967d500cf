#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a command on a terminal of its own, waits until what matches REGEX stands
there, types KEYS, which have to end the command, and exits with its status.

Usage: test-terminal.py KEYS REGEX COMMAND..."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

SECONDS = 300


def end_all(pid):
    """A guest does not end because its terminal goes, and has its own group."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        below = children.read().split()
    os.kill(pid, signal.SIGKILL)
    for child in below:
        end_all(int(child))


def main():
    keys, regex, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
    pid, terminal = pty.fork()
    if not pid:
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    screen, seen, end = "", False, time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            # It is quiet: all is drawn, or the keys went by unseen.
            if seen:
                os.write(terminal, keys)
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
        seen = bool(seen or re.search(regex, screen, re.DOTALL))
    else:
        end_all(pid)
        sys.exit(f"no '{regex}' within {SECONDS} s, or no end: {screen[-300:]!r}")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status or not seen:
        sys.exit(f"status {status}, '{regex}' seen: {seen}: {screen[-300:]!r}")


main()
