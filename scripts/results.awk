# SPDX-License-Identifier: GPL-2.0-only
#
# Reads TAP and KTAP files and prints a row per test: verdict, id, rest. The id
# is the file's name without its ending, a colon, and the test's description;
# of KUnit's nested results the cases count, not suites and not parameters.
# A plan that is not kept, and a file without any result, are failures.
#
# usage: awk -f results.awk FILE...

function id_of(name) {
	sub(/.*\//, "", name)
	sub(/\.[a-z]+$/, "", name)
	return name
}

function finish() {
	if (file == "")
		return
	if (!seen)
		print "fail\t" id ":no result\t"
	else if (planned >= 0 && planned != seen)
		printf "fail\t%s:plan\t%d planned, %d seen\n", id, planned, seen
}

FNR == 1 {
	finish()
	file = FILENAME
	read[file] = 1
	id = id_of(file)
	depth = file ~ /\.ktap$/ ? 4 : 0
	planned = -1
	seen = 0
}

{ sub(/\r$/, "") }

# A suite that has no cases of its own fails as a whole, at depth 0.
depth && /^not ok [0-9]+ .*#/ {
	seen++
	planned = -1
	print "fail\t" id ":suite\t" $0
	next
}

match($0, /^ */) && RLENGTH != depth { next }
{ line = substr($0, depth + 1) }

line ~ /^1\.\.[0-9]+/ {
	if (line ~ /# *SKIP/) {
		reason = line
		sub(/.*# *SKIP */, "", reason)
		print "skip\t" id ":all\t" reason
		seen = 1
		planned = -1
	} else if (planned < 0) {
		planned = substr(line, 4) + 0
	}
	next
}

line ~ /^(not )?ok( |$)/ {
	verdict = line ~ /^not/ ? "fail" : "pass"
	sub(/^(not )?ok *[0-9]* *(- *)?/, "", line)
	rest = ""
	if (match(line, / *# *(SKIP|TODO|XFAIL)/)) {
		rest = substr(line, RSTART)
		sub(/^ *# */, "", rest)
		line = substr(line, 1, RSTART - 1)
		if (rest ~ /^SKIP/ && verdict == "pass")
			verdict = "skip"
	}
	sub(/ +$/, "", line)
	seen++
	print verdict "\t" id ":" line "\t" rest
}

# A file without a line is not noticed above.
END {
	finish()
	for (i = 1; i < ARGC; i++)
		if (!(ARGV[i] in read))
			print "fail\t" id_of(ARGV[i]) ":no result\t"
}
