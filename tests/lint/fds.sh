#!/bin/bash
# usage: tests/lint/fds.sh PROGRAM   a test program under valgrind: fails too when a descriptor is open at its end that the program
# itself opened
set -u
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
valgrind --quiet --track-fds=yes --child-silent-after-fork=yes --log-file="$log" --error-exitcode=99 "$1"
status=$?
# "Open file descriptor 5: /tmp/x" and below it where it was opened, or <inherited from parent>
left=$(awk '/Open (file descriptor|AF_)/ { fd = $0; next } fd != "" { if ($0 !~ /inherited from parent/) print fd; fd = "" }' "$log")
[ -z "$left" ] || { printf 'left open:\n%s\n' "$left"; cat "$log"; exit 98; }
exit "$status"
