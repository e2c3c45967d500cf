# SPDX-License-Identifier: GPL-2.0-only
#
# Finds the table of "klab bench --tsv" in the console of a guest, between its
# two marks, and prints it. A line that has not the form of the table is the
# kernel's: it is left out and shown on stderr. Exits 1 where lines of the table
# are missing, as the second mark tells.
#
# usage: awk -f bench.awk CONSOLE

BEGIN { FS = "\t"; number = "^(-?[0-9]+\\.[0-9]+|-)$" }

{ sub(/\r$/, "") }

/^klab\.bench\.begin$/ { inside = 1; next }

inside && /^klab\.bench\.end=[0-9]+$/ {
	wanted = substr($0, index($0, "=") + 1) + 0
	ended = 1
	exit
}

!inside { next }

function is_note() { return /^# [a-z_]+\.[^ =]+=/ }

function is_header() { return /^room\tsubject\tpeer\tsubject_cost/ && NF >= 8 }

# Room, subject, peer, two costs, ratio, bar (of the ratio, or +N of the difference),
# verdict; and a unit if there is more than one.
function is_row() {
	return columns && NF == columns && $1 ~ /^[a-z_]+$/ && $2 != "" && $3 != "" &&
		$4 ~ number && $5 ~ number && $6 ~ number &&
		($7 ~ number || $7 ~ /^\+[0-9]+$/) &&
		$8 ~ /^(ok|over|-)$/
}

is_note() || is_header() || is_row() {
	if (is_header())
		columns = NF
	lines++
	print
	next
}

{ print "not of the table: " $0 >"/dev/stderr" }

END {
	if (!ended)
		print "the table has no end" >"/dev/stderr"
	else if (lines != wanted)
		printf "%d of %d lines of the table are there\n", lines, wanted >"/dev/stderr"
	exit !ended || lines != wanted
}
