#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Merge gcov's JSON and print the lines reached, by room and by file.

usage: coverage.py BAR FILE...     (a FILE holds one JSON document per line)
"""

import collections
import json
import pathlib
import re
import sys

ROOM = re.compile(r"drivers/staging/klab/([a-z_]+)/(.*)")


def read(paths):
    """Return {file: {line: count}} summed over all documents."""
    counts = collections.defaultdict(lambda: collections.defaultdict(int))
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            for document in stream:
                if not document.strip():
                    continue
                for entry in json.loads(document)["files"]:
                    match = ROOM.search(entry["file"])
                    if not match or "tests/" in match.group(2):
                        continue
                    for line in entry["lines"]:
                        counts[match.group(0)][line["line_number"]] += line["count"]
    return counts


def main():
    """Print the table; exit 1 if a room is below the bar."""
    bar = float(sys.argv[1])
    rooms = collections.defaultdict(list)
    for name, lines in sorted(read(sys.argv[2:]).items()):
        rooms[ROOM.match(name).group(1)].append((name, lines))
    low = False
    for makefile in pathlib.Path(__file__).resolve().parents[1].glob("drivers-staging/klab/*/Makefile"):
        if makefile.parent.name not in rooms:
            print(f"{makefile.parent.name}: no lines")
            low = True
    for room, files in sorted(rooms.items()):
        total = sum(len(lines) for _, lines in files)
        hit = sum(1 for _, lines in files for n in lines.values() if n)
        share = 100.0 * hit / total
        low |= share < bar
        print(f"{room}: {share:.1f} % of {total} lines" + ("" if share >= bar else f", below {bar:g} %"))
        for name, lines in files:
            reached = sum(1 for n in lines.values() if n)
            missed = sorted(n for n, count in lines.items() if not count)
            text = ", not reached: " + " ".join(map(str, missed[:20])) if missed else ""
            print(f"  {100.0 * reached / len(lines):5.1f} %  {name}{text}")
    sys.exit(low)


if __name__ == "__main__":
    main()
