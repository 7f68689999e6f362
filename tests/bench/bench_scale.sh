#!/bin/bash
# Ten times the steps take about ten times the time and the memory: 10,000 and 100,000 of each kind.
set -eu
: "${CPDFLOW:?}"
program=$(readlink -f "$CPDFLOW")
many=$(cd "$(dirname "$0")" && pwd)/many.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# usage: measure KIND N   sets $seconds (of CPU) and $kib
measure() {
    "$many" "$1" "$2" >flow.yaml
    local inputs=()
    if [ "$1" = items ]; then
        echo "items: [$(seq -s ', ' "$2")]" >inputs.yaml
        inputs=(--inputs inputs.yaml)
    fi
    rm -rf .cpdflow
    /usr/bin/time -o time -f '%U %S %M' "$program" run flow.yaml "${inputs[@]}" -q >/dev/null 2>&1
    seconds=$(awk '{print $1 + $2}' time)
    kib=$(awk '{print $3}' time)
}

echo "scale: CPU time and memory of 100,000 beside 10,000"
for kind in steps wide items; do
    measure "$kind" 10000
    few=$seconds few_kib=$kib
    measure "$kind" 100000
    awk -v kind="$kind" -v a="$few" -v b="$seconds" -v m="$few_kib" -v n="$kib" 'BEGIN {
        printf "  %-6s %6.2f s -> %6.2f s  %5.1f times   %4d MB -> %4d MB  %5.1f times, %d bytes each\n",
            kind, a, b, b / a, m / 1024, n / 1024, n / m, n * 1024 / 100000 }'
done
