#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: cached.sh COMPILER ARGUMENT...
#
# Compiles by way of ccache, but for sources that embed a file with .incbin: it is
# not among the dependencies by which ccache in its depend mode knows a result
# again.  A kernel's image, its keys and its configuration are embedded so.

case ${1:-} in ''|-h|--help) sed -n '4,9s/^# *//p' "$0"; exit ;; esac
# kbuild names the source last.
for source; do :; done
case $source in
*.[cS])
	! grep -qs '\.incbin' "$source" || exec "$@"
esac
exec ccache "$@"
