#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Holds Documentation/staging/klab/catalogue.rst against kunit/catalogue-ids
# and the results of a run, and prints TAP: every id is listed once, as "done"
# or "open"; what is done names a driver that exists and tests that have passed
# in this run. Tests of another kernel than the run's, or of another stage, are
# not looked for, and an entry that has no others says so.
#
# Usage: catalogue.sh ROWS
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${1:-} in ''|-h|--help) usage; exit 0 ;; esac
catalogue=$root/Documentation/staging/klab/catalogue.rst
[ -r "$1" ] || die "no results in $1"
[ -r "$catalogue" ] || die "no $catalogue"

# A line of the tables: id | state | subject | drivers | what to run | tests;
# double backticks, which keep reST from reading more into a cell, do not count.
awk -F'|' -v top="$root" -v ids="$root/kunit/catalogue-ids" -v rows="$1" \
	-v kernels="$root/kunit/variants" -v stages="$root/scripts/test.sh" '
function trim(s) { gsub(/``/, "", s); gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function glob(s) {
	gsub(/[][.^$+(){}\\]/, "\\\\&", s)
	gsub(/\*/, ".*", s)
	return "^" s "$"
}
function report(good, what, why) {
	n++
	print (good ? "ok " : "not ok ") n " " what (good || why == "" ? "" : " # " why)
	bad += !good
}
function exists(path) {
	path = top "/" path
	return system("test -e \"" path "\"") == 0
}
# A test id names its platform, suite or script, and case; a star stands for any.
function passed(test,    t, re, found) {
	re = glob(test)
	found = 0
	for (t in verdict)
		if (t ~ re) {
			if (verdict[t] == "fail")
				return -1
			found += verdict[t] == "pass"
		}
	return found
}
BEGIN {
	while ((getline line < kernels) > 0)
		if (line !~ /^#/ && split(line, f, / +/))
			known[f[1]] = 1
	while ((getline line < stages) > 0)
		if (line ~ /^\tstage [a-z]/ && split(line, f, " "))
			known[f[2]] = 1
	while ((getline line < ids) > 0)
		if (line !~ /^#/ && line != "")
			wanted[line] = 1
	while ((getline line < rows) > 0) {
		split(line, f, "\t")
		verdict[f[2]] = f[1]
		platform = f[2]
		sub(/\/.*/, "", platform)
		ran[platform] = 1
	}
}
/^   [a-z-]+\/[A-Z0-9][A-Za-z0-9.]* *\|/ {
	id = trim($1)
	state = trim($2)
	if (id in seen)
		twice = twice " " id
	if (!(id in wanted))
		unknown = unknown " " id
	seen[id] = 1
	if (trim($3) == "")
		nameless = nameless " " id
	if (state == "open") {
		open++
		next
	}
	if (state != "done") {
		report(0, id, "state " state)
		next
	}
	why = ""
	if (trim($4) == "" || trim($5) == "")
		why = "no driver or nothing to run"
	k = split(trim($4), where, / +/)
	for (i = 1; i <= k; i++)
		if (!exists(where[i]))
			why = "no " where[i]
	k = split(trim($6), tests, /, */)
	looked = 0
	for (i = 1; i <= k; i++) {
		platform = tests[i]
		sub(/\/.*/, "", platform)
		if (!(platform in known))
			why = "no kernel or stage " platform
		if (!(platform in ran))
			continue
		looked++
		r = passed(tests[i])
		if (r <= 0)
			why = tests[i] (r < 0 ? " has failed" : " has not passed")
	}
	if (k == 0 || tests[1] == "")
		why = "no test"
	report(why == "", id (looked ? "" : ": nothing of this run"), why)
	done++
}
END {
	for (id in wanted)
		if (!(id in seen))
			missing = missing " " id
	report(missing == "", "every entry is listed", "missing:" missing)
	report(unknown == "", "nothing else is listed", "unknown:" unknown)
	report(twice == "", "no entry is listed twice", "twice:" twice)
	report(nameless == "", "every entry has a subject", "without:" nameless)
	printf "# %d done, %d open\n", done, open
	print "1.." n
	exit bad > 0
}' "$catalogue"
