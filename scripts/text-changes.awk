# SPDX-License-Identifier: GPL-2.0-only
#
# Compares the functions of two objects, each disassembled by
#   objdump -dr --no-show-raw-insn --no-addresses
# and prints those that differ: "changed", "added" or "removed", and the name.
# What moves although no code changes does not count: where in a section of
# data, strings or tables something lies, the numbers that the compiler puts
# behind the names of local things, and what pads a function's end.
#
# usage: awk -f text-changes.awk FILE FILE

function plain(name) {
	sub(/\.(isra|constprop|part|cold|localalias).*$/, "", name)
	return name
}

FNR == 1 { side++ }

# A symbol with its code; what stands under a section's name is no function.
/^<.*>:$/ {
	name = plain(substr($0, 2, length($0) - 3))
	if (name ~ /^\./)
		name = ""
	else if (!(name in seen))
		seen[name] = ++count
	padding = ""
	next
}

name == "" || NF == 0 || /^Disassembly of section|file format/ { next }

/^[ \t]*R_[A-Z0-9_]+/ {
	target = $2
	if (target ~ /^\./) {
		sub(/[+-]0x[0-9a-f]+$/, "", target)
		if (target ~ /^\.LC?[0-9]+$|\.str[0-9.]+$/)
			target = "string"
	}
	gsub(/\.[0-9]+/, "", target)
	code[side, name] = code[side, name] "\n" $1 " " target
	next
}

/^[ \t]*(nop|data16|cs nop|xchg +%ax,%ax)/ { padding = padding "\n" $0; next }

{
	gsub(/\.[0-9]+>/, ">")
	gsub(/\.(isra|constprop|part)\.[0-9]+/, "")
	gsub(/[ \t]+/, " ")
	code[side, name] = code[side, name] padding "\n" $0
	padding = ""
}

END {
	for (name in seen) {
		if (!((1, name) in code))
			print name "\tadded"
		else if (!((2, name) in code))
			print name "\tremoved"
		else if (code[1, name] != code[2, name])
			print name "\tchanged"
	}
}
