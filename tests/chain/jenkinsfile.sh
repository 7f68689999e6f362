#!/bin/sh
# usage: jenkinsfile.sh [repaired] <seed-pipeline.txt >Jenkinsfile
# The shell chain of before as Jenkins got it: the code of its second option, without the prose between. `repaired`: its three
# comparisons, of texts with numbers, do what they were meant to do.
set -eu
as=${1:-verbatim}
awk '/^## Option 2/ { is_on = 1 }
    is_on && /^```/ { is_code = !is_code; next }
    is_on && (is_code || /^    /) { print }' |
    if [ "$as" = repaired ]; then
        sed -E 's/if\(env\.(SPACES|MODELS)(>|==)/if(env.\1.toInteger()\2/'
    else
        cat
    fi
