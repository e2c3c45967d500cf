#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Damages the files that klab integrity reads, and looks how it ends.

usage: mutate_lists.py KLAB FILE ...

KLAB_DEBUGFS and KLAB_SYSROOT are as the files are; each is put back after.
Whatever the damage, there is a report or a refusal: no signal, no hang.
"""
import random
import subprocess
import sys

RUNS = 300
BYTES = b"\0\n\t 0xf-[]T.\xff"


def damage(data):
    """The bytes with a few of them changed, cut out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 10))):
        where = random.randrange(len(data) + 1)
        what = random.randrange(4)
        if what == 0:
            data[where:where + 1] = bytes([random.choice(BYTES)])
        elif what == 1:
            del data[where:where + random.randrange(1, 40)]
        elif what == 2:
            data[where:where] = data[where:where + random.randrange(1, 80)]
        else:
            del data[where:]
    return bytes(data)


def main():
    """Runs klab on damaged files; the status says whether it always ended."""
    klab, files = sys.argv[1], sys.argv[2:]
    failed = 0
    random.seed(1)
    for _ in range(RUNS):
        name = random.choice(files)
        with open(name, "rb") as file:
            whole = file.read()
        damaged = damage(whole)
        with open(name, "wb") as file:
            file.write(damaged)
        done = subprocess.run([klab, "integrity"], capture_output=True,
                              timeout=60, check=False)
        if done.returncode not in (0, 1, 3):
            failed = 1
            print(name, done.returncode, done.stderr, damaged)
        with open(name, "wb") as file:
            file.write(whole)
    return failed


sys.exit(main())
