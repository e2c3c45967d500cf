# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: cpp -dM | awk -v prefix=__NR_ -f names.awk
#
# The names of system calls, sorted by number, as initialisers of an array.

$1 == "#define" && index($2, prefix) == 1 && $3 ~ /^[0-9]+$/ {
	name = substr($2, length(prefix) + 1)
	# The header for a 64-bit kernel may have those of its other ABIs too.
	if (name !~ /^((ia32|x32)_|([a-z0-9]+_)?syscalls$)/)
		names[$3 + 0] = name
	if ($3 + 0 > last)
		last = $3 + 0
}

END {
	for (nr = 0; nr <= last; nr++)
		if (nr in names)
			printf "[%d] = \"%s\",\n", nr, names[nr]
}
