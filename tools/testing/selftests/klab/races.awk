# SPDX-License-Identifier: GPL-2.0-only
#
# Copies a kernel log, but for the reports of KCSAN that are not klab's: a
# report stays if a function of klab's modules or of softwork stands in one of
# its stacks.
#
# The time in front of a line, if there is any, does not matter.

function text(line) {
	sub(/\r$/, "", line)
	sub(/^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? /, "", line)
	return line
}

function flush() {
	if (!report || own)
		printf "%s", held
	held = ""
	report = own = 0
}

{
	line = text($0)
	# A line of this kind begins a report and ends it.
	if (line ~ /^==================================================================$/) {
		if (report) {
			held = held $0 "\n"
			flush()
		} else {
			flush()
			held = $0 "\n"
		}
		next
	}
}

held != "" && line ~ /BUG: KCSAN: / { report = 1 }
held != "" && !report { flush() }

report {
	held = held $0 "\n"
	if (line ~ /^ .*\[(klab|softwork)[a-z0-9_]*\]$/ || line ~ /^ _*softwork_/)
		own = 1
	next
}

{ print }

END { flush() }
