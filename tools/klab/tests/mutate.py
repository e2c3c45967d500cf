#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Give klab modcheck cut and damaged files.

usage: mutate.py KLAB MODULE [ROUNDS]

It may report or refuse them; it must neither crash nor hang, and its JSON
must be JSON. The damage is the same in each run.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

BATCH = 50
HEADER = 64


def cut(data, rng):
    """The file ends early."""
    return data[:rng.randrange(len(data))]


def flip(data, rng):
    """Some bytes are others, often of the headers."""
    data = bytearray(data)
    table = int.from_bytes(data[40:48], "little")
    for _ in range(rng.randrange(1, 8)):
        where = rng.choice([(0, len(data)), (16, HEADER), (table, len(data))])
        if 0 <= where[0] < where[1] <= len(data):
            data[rng.randrange(*where)] = rng.choice([0, 1, 127, 128, 255,
                                                      rng.randrange(256)])
    return bytes(data)


def mutants(data, rounds):
    """All of the damage."""
    rng = random.Random(1)
    for number in range(rounds):
        yield rng.choice([cut, flip, flip, flip])(data, rng)
    for size in range(HEADER + 1):
        yield data[:size]


def check(klab, paths):
    """One run over some files; returns what is wrong with it, or None."""
    done = subprocess.run([klab, "modcheck", "--json"] + paths, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode not in (0, 1, 3):
        return f"status {done.returncode}: {done.stderr[-2000:]}"
    reports = json.loads(done.stdout)
    refusals = done.stderr.count(b"\n")
    if len(reports) + refusals != len(paths):
        return f"{len(reports)} reports, {refusals} lines"
    return None


def main():
    klab, module = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    with open(module, "rb") as file:
        data = file.read()
    paths = []
    wrong = None
    with tempfile.TemporaryDirectory() as directory:
        for number, mutant in enumerate(mutants(data, rounds)):
            path = os.path.join(directory, f"{number % BATCH}.ko")
            with open(path, "wb") as file:
                file.write(mutant)
            paths.append(path)
            if len(paths) == BATCH:
                wrong = wrong or check(klab, paths)
                paths = []
        if paths:
            wrong = wrong or check(klab, paths)
    if wrong:
        print(wrong, file=sys.stderr)
    return wrong is not None


sys.exit(main())
