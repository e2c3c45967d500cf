#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The klab command in the running kernel: what its sub-commands print, what
# they say when something is wrong, and how they end.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

klab=${KLAB_COMMAND:-klab}

require_root
require_command "$klab" modprobe insmod rmmod setpriv nm
require_fixture klab_test_experiment klab_test_import klab_test_permanent
require_module klab_core

load_experiments() {
	load klab_core
	defer rmmod klab_test_experiment
	succeeds insmod "$(fixture klab_test_experiment)"
}

# ends(status, command...) - the command must end so; sets out
ends() {
	local wanted=$1

	shift
	run "$@"
	expect_eq "status of '$*' ($out)" "$status" "$wanted"
}

has_line() {
	grep -Eq -- "$1" <<<"$out" || fail "no line '$1' in: $out"
}

# json() - reads out, and writes it again; fails if it is no JSON
json() {
	perl -MJSON::PP -e 'undef $/; print JSON::PP->new->canonical->encode(
		JSON::PP->new->decode(<STDIN>))' <<<"$out" 2>/dev/null
}

test_list() {
	load_experiments
	ends 0 "$klab" list
	has_line '^test$'
	has_line '^  echo +What did I say\?$'
	ends 0 "$klab" list test/echo
	has_line '^number +int +7 +-10\.\.100 +items +a number$'
	has_line '^colour +choice +green +red\|green\|blue '
	has_line '^word +string +none '
}

test_list_for_programs() {
	load_experiments
	ends 0 "$klab" list --tsv test
	has_line $'^test\techo\tWhat did I say\\?$'
	ends 0 "$klab" list --json test
	expect_match "JSON" "$(json)" '"experiment":"echo"'
}

test_run_defaults() {
	load_experiments
	ends 0 "$klab" run test/echo
	has_line '^number +7$'
	has_line '^colour +green$'
}

test_run_with_parameters() {
	load_experiments
	ends 0 "$klab" run test/echo number=-3 colour=blue
	has_line '^number +-3$'
	has_line '^colour +blue$'
	has_line '^word +none$'
}

test_run_tsv_is_what_the_kernel_writes() {
	load_experiments
	ends 0 "$klab" run --tsv test/echo
	expect_eq "output" "$out" "$(cat "$KLAB_DEBUGFS/test/echo")"
}

test_run_json() {
	load_experiments
	ends 0 "$klab" run --json test/rows rows=3
	expect_match "JSON" "$(json)" '"experiment":"test/rows"'
	expect_match "JSON" "$(json)" '"param.rows":3'
}

test_run_of_a_long_result() {
	load_experiments
	ends 0 "$klab" run --tsv test/rows rows=20000
	expect_eq "rows" "$(grep -cv '^#' <<<"$out")" 20001
	has_line $'^19999\t399960001$'
}

# test_run_refused(status, regex, argument...)
test_run_refused() {
	local wanted=$1 regex=$2

	shift 2
	load_experiments
	ends "$wanted" "$klab" "$@"
	has_line "$regex"
	has_line '^klab: '
}

test_run_can_be_killed() {
	local pid

	load_experiments
	"$klab" run test/hold >/dev/null 2>&1 &
	pid=$!
	within 20 running 1 || fail "it does not run"
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	expect_eq "status" "$status" 143
	running 0 || fail "it still runs"
}

running() {
	[ "$(cat /sys/module/klab_test_experiment/parameters/running)" = "$1" ]
}

test_nobody_is_told_why() {
	load_experiments
	cp "$(command -v "$klab")" "$TMP/klab"
	chmod 755 "$TMP/klab"
	ends 3 "${nobody[@]}" "$TMP/klab" list
	has_line '^klab: .*not permitted.*root'
	ends 3 "${nobody[@]}" "$TMP/klab" run test/echo
	has_line '^klab: .*not permitted.*root'
}

test_without_the_core() {
	"${modprobe[@]}" -r klab_core 2>/dev/null
	[ ! -d "$KLAB_DEBUGFS" ] || skip "klab_core cannot be unloaded"
	ends 3 "$klab" list
	has_line '^klab: .*klab_core'
}

test_result_for_a_closed_pipe() {
	load_experiments
	# shellcheck disable=SC2016 # expanded by the other shell
	run bash -c '"$1" run --tsv test/rows rows=20000 | head -n 1' - "$klab"
	expect_match "first line" "$out" '^# experiment='
}

test_result_for_a_full_disk() {
	load_experiments
	# shellcheck disable=SC2016 # expanded by the other shell
	ends 3 bash -c 'exec "$1" run test/echo >/dev/full' - "$klab"
	has_line '^klab: .*No space left'
}

test_bench() {
	load klab_core
	run "$klab" bench core --tsv
	[ "$status" -le 1 ] || fail "status $status: $out"
	has_line $'subject\tpeer\t'
	if grep -Eqi $'\t(bad|over|fail)[a-z]*$' <<<"$out"; then
		expect_eq "status with a bar exceeded" "$status" 1
	else
		expect_eq "status" "$status" 0
	fi
}

# The calls that a program has to make, once there is a provider to be measured.
test_bench_of_system_calls() {
	load klab_core
	ends 3 "$klab" bench syscall --tsv
	has_line 'load it: modprobe klab_syscall_empty$'
	load klab_syscall_empty
	run "$klab" bench syscall --tsv
	[ "$status" -le 1 ] || fail "status $status: $out"
	expect_eq "rows" "$(grep -c $'^syscall\t' <<<"$out")" 5
	# Where the counter says something else each time, there is no verdict.
	has_line $'^syscall\tlate-bound call\tgetppid\t.*\t\\+0\t(ok|over|-)(\t|$)'
	expect_eq "bars" "$(grep -c $'^syscall\t.*\t+[0-9]' <<<"$out")" 4
}

test_plot() {
	load_experiments
	ends 0 "$klab" plot test/rows --column square rows=5
	has_line '^4 +16 #+$'
	ends 3 "$klab" plot test/echo
	has_line '^klab: .*nothing to plot'
}

test_modcheck_of_a_good_module() {
	ends 0 "$klab" modcheck "$(module_file klab_core)"
	has_line '^ +module +klab_core$'
	has_line '^ +licence +GPL$'
	has_line '^ +in tree +yes'
	has_line "vermagic +$(uname -r) "
}

test_modcheck_foresees_a_missing_module() {
	! loaded klab_test_export || fail "klab_test_export is loaded"
	ends 1 "$klab" modcheck "$(fixture klab_test_import)"
	has_line 'depends +klab_test_export'
	has_line 'imports +KLAB_TEST_EXPORT'
	has_line 'Unknown symbol in module'
	refused 'Unknown symbol in module' insmod "$(fixture klab_test_import)"
	defer rmmod klab_test_export
	succeeds insmod "$(fixture klab_test_export)"
	ends 0 "$klab" modcheck "$(fixture klab_test_import)"
}

test_modcheck_foresees_another_kernel() {
	local release

	release=$(uname -r)
	sed "s/vermagic=$release/vermagic=x${release#?}/" \
		"$(fixture klab_test_export)" >"$TMP/other.ko"
	ends 1 "$klab" modcheck "$TMP/other.ko"
	has_line 'Invalid module format'
	refused 'Invalid module format' insmod "$TMP/other.ko"
}

test_modcheck_sees_that_it_is_permanent() {
	run "$klab" modcheck "$(fixture klab_test_permanent)"
	has_line 'unload +no'
}

test_modcheck_of_other_files() {
	echo "no module" >"$TMP/text.ko"
	ends 3 "$klab" modcheck "$TMP/text.ko"
	has_line '^klab: .*not an ELF file'
	ends 3 "$klab" modcheck "$TMP/none.ko"
	has_line '^klab: .*No such file'
	head -c 100 "$(fixture klab_test_export)" >"$TMP/short.ko"
	ends 3 "$klab" modcheck "$TMP/short.ko"
	has_line '^klab: '
}

# Every cut of a module is an answer or a refusal, never a crash.
test_modcheck_of_cut_modules() {
	local size i

	size=$(stat -L -c %s "$(fixture klab_test_oneshot)")
	for ((i = 1; i < 40; i++)); do
		head -c $((size * i / 40)) "$(fixture klab_test_oneshot)" \
			>"$TMP/cut.ko"
		run "$klab" modcheck "$TMP/cut.ko"
		[ "$status" -le 3 ] || fail "status $status at $i/40: $out"
	done
}

test_symbols_of_a_module() {
	load_experiments
	ends 0 "$klab" symbols --match 'klab_test_*'
	has_line '^t +klab_test_echo +klab_test_experiment$'
	# Addresses are nobody's business.
	! grep -Eq '\b(0x)?[0-9a-f]{12,16}\b' <<<"$out" || fail "$out"
}

test_symbols_are_those_of_the_kernel() {
	ends 0 "$klab" symbols --count
	expect_match "count" "$(awk '$1 == "all" { print $3 }' <<<"$out")" \
		'^[1-9][0-9]{3,}$'
}

# The module that is named for a room has its experiments.
test_advice_helps() {
	local room module

	load klab_core
	for room in basics blkdev irq softwork syscall; do
		ends 3 "$klab" list "$room"
		module=$(sed -n 's/.*modprobe \(klab_[a-z_]*\),.*/\1/p' <<<"$out")
		load "${module:-klab_of_$room}"
		ends 0 "$klab" list "$room"
	done
}

# test_help_of(sub-command)
test_help_of() {
	ends 0 "$klab" "$1" --help
	has_line "^usage: klab $1"
}

add_test list
add_test list_for_programs
add_test run_defaults
add_test run_with_parameters
add_test run_tsv_is_what_the_kernel_writes
add_test run_json
add_test run_of_a_long_result
while IFS='|' read -r name wanted regex arguments; do
	# shellcheck disable=SC2086 # several arguments
	add_test "refused_$name" test_run_refused "$wanted" "$regex" $arguments
done <<'EOT'
wrong_value|3|number=x: not a whole number|run test/echo number=x
out_of_range|3|number=101: not from -10 to 100|run test/echo number=101
unknown_parameter|3|nothing: no such parameter|run test/echo nothing=1
no_parameter|3|'number' is no parameter|run test/echo number
unknown_experiment|3|no experiment test/none|run test/none
unknown_room|3|no room 'none'|run none/none
failing_run|3|as asked for|run test/fail
run_over_time|3|not done after 100 ms|run test/limit
no_memory|3|memory|run test/memory size=9223372036854775807
no_argument|2|argument is missing|run
unknown_option|2|option --bad|run --bad test/echo
unknown_sub_command|2|no sub-command|nonsense
list_of_unknown_room|3|no room 'none'|list none
bench_of_unknown_room|3|no room 'none'|bench none
EOT
add_test run_can_be_killed
add_test nobody_is_told_why
add_test without_the_core
add_test result_for_a_closed_pipe
add_test result_for_a_full_disk
add_test bench
add_test bench_of_system_calls
add_test advice_helps
add_test plot
add_test modcheck_of_a_good_module
add_test modcheck_foresees_a_missing_module
add_test modcheck_foresees_another_kernel
add_test modcheck_sees_that_it_is_permanent
add_test modcheck_of_other_files
add_test modcheck_of_cut_modules
add_test symbols_of_a_module
add_test symbols_are_those_of_the_kernel
for name in list run bench plot modcheck symbols syscall audit integrity; do
	add_test "help_of_$name" test_help_of "$name"
done
run_tests
