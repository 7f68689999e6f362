#!/bin/sh
# usage: tests/lint/cycles.sh HEADER...
# Refuses headers that include each other in a circle.
set -eu
[ $# -gt 0 ] || exit 0
grep -H '^#include "' "$@" | sed 's|^include/\([^:]*\):#include "\([^"]*\)".*|\1 \2|' | tsort >/dev/null
