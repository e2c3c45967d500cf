#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run a command on a terminal of its own.

usage: terminal.py progress|interrupt COMMAND [ARGUMENT ...]

progress: it has to print its progress line and clear it at its end.
interrupt: as soon as it prints the line, Ctrl-C has to end it.
"""

import os
import pty
import signal
import sys

LINE = b"\rklab: time/plain running, 3 s"
CLEAR = b"\r\x1b[K"


def read_all(master, wanted):
    """Read up to the wanted text, or to the end; returns what was read."""
    text = b""
    while wanted not in text:
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        text += more
    return text


def main():
    what, command = sys.argv[1], sys.argv[2:]
    pid, master = pty.fork()
    if not pid:
        # Who runs the tests in the background has it ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(command[0], command)

    text = read_all(master, LINE)
    if what == "interrupt":
        os.write(master, b"\x03")
    text += read_all(master, b"no such text")
    _, status = os.waitpid(pid, 0)

    good = LINE in text
    if what == "interrupt":
        good &= os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    else:
        good &= not status and CLEAR in text[text.find(LINE):]
        good &= text.rstrip().endswith(b"now: 12")
    if not good:
        print(status, text, file=sys.stderr)
    return not good


sys.exit(main())
