#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: cached.sh COMPILER ARGUMENT...
#
# Compile by way of ccache, but for sources that embed a file with .incbin: it is
# not among the dependencies by which ccache in its depend mode knows a result
# again.  A kernel's image, its keys and its configuration are embedded so.

for source; do :; done
case $source in
*.[cS])
	! grep -qs '\.incbin' "$source" || exec "$@"
esac
exec ccache "$@"
