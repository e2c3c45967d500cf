# SPDX-License-Identifier: GPL-2.0-only
#
# Copies a kernel log, but for the reports of KCSAN that are not klab's: a
# report stays if a function of klab's modules, of its system calls or of
# softwork stands in one of its stacks, unless one of the functions that have the
# accesses races by design. What an interrupt has interrupted does not count.
#
# The time in front of a line, if there is any, does not matter.

BEGIN {
	# A latch: who has read while it was written reads the other copy.
	by_design["ktime_get_mono_fast_ns"] = 1
	by_design["ktime_get_raw_fast_ns"] = 1
	# Whoever wakes a poll() notes it without a lock, and the sleeper looks.
	by_design["pollwake"] = 1
	# So does the timer that ends a sleep.
	by_design["hrtimer_wakeup"] = 1
	# Of the flags of the task that they interrupt, they look at one: is it idle,
	# is it a thread of the kernel?
	by_design["rcu_core"] = 1
	by_design["kthread_data"] = 1
	# Of the flags of a page it looks at one, while others change others.
	by_design["bio_first_folio"] = 1
	# So it is with the flags of a bio whose parts end on several CPUs.
	by_design["bio_endio"] = 1
	# Looks for a bit that is free, and then whether it still is.
	by_design["sbitmap_find_bit"] = 1
}

function text(line) {
	sub(/\r$/, "", line)
	sub(/^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? /, "", line)
	return line
}

function finish() {
	if (!report || (own && !excused))
		printf "%s", held
	held = ""
	report = own = excused = 0
}

{
	line = text($0)
	# A line of this kind begins a report and ends it.
	if (line ~ /^==================================================================$/) {
		if (report) {
			held = held $0 "\n"
			finish()
		} else {
			finish()
			held = $0 "\n"
		}
		next
	}
}

# Other lines of the log may come in between, here and below.
line ~ /BUG: KCSAN: / { report = 1 }
held != "" && !report { finish() }

report {
	held = held $0 "\n"
	# A stack begins after this line, with the function that has the access.
	if (line ~ /(read|write|access).* to 0x[0-9a-f]+ of /) {
		top = ""
		below = 0
	} else if (line ~ /^ asm_/) {
		below = 1
	} else if (line ~ /^ .*\+0x[0-9a-f]+\/0x[0-9a-f]+/) {
		if (top == "") {
			top = line
			gsub(/^ *|\+0x.*/, "", top)
			if (top in by_design)
				excused = 1
		}
		if (!below &&
		    (line ~ /\[(klab|softwork)[a-z0-9_]*\]$/ ||
		     line ~ /^ _*(softwork|klab)_/ || line ~ /^ __[a-z0-9]+_sys_klab_/))
			own = 1
	}
	next
}

{ print }

END { finish() }
