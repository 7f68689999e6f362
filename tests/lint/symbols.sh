#!/bin/sh
# usage: tests/lint/symbols.sh SEAMS OBJECT...
# Refuses a function or table that its own file alone uses: it is static, or nobody needs it. SEAMS names those that only tests
# use, one a line with the reason behind the name; a seam that the program uses, or that is gone, has no place there.
set -eu
seams=$1
shift
[ $# -gt 0 ] || exit 0
{
    sed 's/#.*//' "$seams" | awk 'NF { print "seam", $1 }'
    nm -P "$@" 2>/dev/null
} | awk -v seams="$seams" '
    $1 == "seam" { is_seam[$2]; next }
    NF == 1 && /:$/ { object = substr($1, 1, length($1) - 1); next }
    $2 == "U" { is_used[$1]; next }
    $2 ~ /^[TDRBC]$/ && $1 != "main" { object_of[$1] = object }
    END {
        for (name in object_of) {
            if (!(name in is_used) && !(name in is_seam)) {
                print object_of[name] ": " name ": no other file uses it: make it static, or remove it"
                n++
            }
        }
        for (name in is_seam) {
            if (!(name in object_of) || name in is_used) {
                print seams ": " name ": " (name in is_used ? "is used by the program" : "is not there") ": take it out"
                n++
            }
        }
        exit n > 0
    }'
