#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Checks in x86-64 object code that the path of a per-CPU softwork, from
softwork_queue_percpu() to the run of the item, has no atomic operation on
memory that several CPUs write: the operand of every one is found by way of the
CPU's own offset, as are its queue and what is linked into that.

Prints a line for each atomic operation; exits 1 if one is on other memory, or if
a function or the atomic operations that it is known for are not there.

Usage: shared-atomics.py SOFTWORK.o SOFTIRQ.o
"""
import re
import subprocess
import sys

# Functions of the path in each object, with the fewest atomic operations in it.
PATHS = (
    {"softwork_queue_percpu": 1, "softwork_action": 3},
    {"handle_softirqs": 0, "__local_bh_enable_ip": 0},
)
NAMES = {name: names.split()[0] for names in (
    "rax eax ax al", "rbx ebx bx bl", "rcx ecx cx cl", "rdx edx dx dl",
    "rsi esi si sil", "rdi edi di dil", "rbp ebp bp bpl") for name in names.split()}
NAMES |= {f"r{n}{suffix}": f"r{n}" for n in range(8, 16) for suffix in ("", "d", "w", "b")}
# What a call may change.
VOLATILE = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")


def functions(path):
    """Returns the instructions of each function: address, text, symbol."""
    text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path],
                          check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        start = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        code = re.match(r" *([0-9a-f]+):\t(.*)", line)
        symbol = re.search(r"R_X86_64_\w+\t(\S+)", line)
        if start:
            body = found.setdefault(start.group(1), [])
        elif symbol:
            body[-1][2] = symbol.group(1)
        elif code:
            body.append([code.group(1), code.group(2).split("#")[0].strip(), ""])
    return found


def operands(code):
    """Splits an instruction into its name and operands."""
    words = code.split(None, 1)
    if len(words) < 2:
        return words[0] if words else "", []
    return words[0], re.findall(r"[^,(]*\([^)]*\)|[^,]+", words[1])


def register(operand):
    """Returns the register that an operand is, or None."""
    return NAMES.get(operand.lstrip("%"))


def base(operand):
    """Returns the register that the address of an operand begins with."""
    match = re.match(r"[^(]*\(%(\w+)", operand)
    return NAMES.get(match.group(1)) if match and "%gs" not in operand else None


def follow(own, code, symbol):
    """Updates the registers that hold an address of the CPU's own memory."""
    name, args = operands(code)
    if name.startswith("call"):
        own.difference_update(VOLATILE)
        return
    to = register(args[-1]) if args else None
    if not to or name.startswith(("cmp", "test", "push", "j")):
        return
    offset = "%gs:" in code and symbol.startswith("this_cpu_off")
    if name.startswith("add") and (offset or to in own):
        own.add(to)
    elif name.startswith(("mov", "lea")) and \
            (offset or base(args[0]) in own or register(args[0]) in own):
        own.add(to)
    else:
        own.discard(to)


def is_atomic(code):
    """Whether other CPUs have to wait for an instruction."""
    code, name = code.removeprefix("lock "), code.split()[0] if code else ""
    return name == "lock" or (name.startswith("xchg") and "(" in code and
                              "%gs:" not in code)


def states(body):
    """Returns the registers that hold such an address on every way to each
    instruction."""
    places = {place[0]: i for i, place in enumerate(body)}
    before = [None] * len(body)
    before[0] = set()
    todo = [0]
    while todo:
        i = todo.pop()
        _, code, symbol = body[i]
        own = set(before[i])
        follow(own, code.removeprefix("lock "), symbol)
        ways = [] if re.match(r"jmp|ret", code) else [i + 1]
        target = re.match(r"j\w+\s+([0-9a-f]+) <", code)
        if target and target.group(1) in places:
            ways.append(places[target.group(1)])
        for way in ways:
            if way < len(body) and (before[way] is None or before[way] - own):
                before[way] = own if before[way] is None else before[way] & own
                todo.append(way)
    return before


def check(function, body, least):
    """Checks a function; returns whether all is well."""
    seen, good = 0, True
    for (_, code, _), own in zip(body, states(body)):
        if own is None or not is_atomic(code):
            continue
        seen += 1
        places = [base(arg) for arg in operands(code.removeprefix("lock "))[1]]
        mine = any(place in own for place in places)
        good = good and mine
        print(f"{function}: {code}: {'of this CPU' if mine else 'ERROR: shared'}")
    if seen < least:
        print(f"ERROR: {function}: {seen} atomic operations, expected {least}")
        good = False
    return good


def main():
    """Checks the objects on the command line."""
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[-1])
    good = True
    for path, wanted in zip(sys.argv[1:], PATHS):
        found = functions(path)
        for function, least in wanted.items():
            if function not in found:
                print(f"ERROR: no {function} in {path}")
                good = False
            else:
                good = check(function, found[function], least) and good
    sys.exit(not good)


main()
