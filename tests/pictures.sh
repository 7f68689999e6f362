#!/bin/bash
# usage: tests/pictures.sh   (what `make pictures` runs)
# Makes the README's pictures of a run, in a real terminal and a real browser: fixtures/pictures/. The scene is the demo
# with a feedback file and states slow enough to be caught in the act.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
pictures=$top/fixtures/pictures
work=$(mktemp -d /tmp/demo.XXX)
server="tmux -L pictures-$$"
trap '$server kill-server 2>/dev/null || :; rm -rf "$work"' EXIT

# Paths in the pictures are nobody's.
mkdir "$work/cpdflow"
ln -s "$top/recipes" "$top/tests" "$top/build" "$work/cpdflow/"
demo="CPDFLOW=$top/build/cpdflow STANDIN_DIR=${STANDIN_DIR:-$top/build/gcc/standin} CPDFLOW_DEMO=$work/demo CPDFLOW_DEMO_SCALE=0.2"
$server -f /dev/null new-session -d -x 92 -y 26 "cd $work && COLORTERM=truecolor LANG=C.UTF-8 $demo $work/cpdflow/tests/standin/demo.sh; sleep 600"

# usage: caught TEXT   waits until the screen shows it
caught() {
    for _ in $(seq 600); do
        $server capture-pane -p | grep -q "$1" && return
        sleep 0.1
    done
    echo "pictures.sh: the screen never showed '$1'" >&2
    exit 1
}

picture() {
    $server capture-pane -e -p | node tests/tools/terminal.mjs "$2" >"$pictures/$1"
}

mkdir -p "$pictures"
caught 'evaluation.*running for [2-9]'
picture running.svg "A run of recipes/mlops.yaml in a terminal: finished steps, the one at work and what its wait last saw"
caught 'SUCCESS'
sleep 0.5
picture finished.svg "The end of the run: what changed, and the metric beside its limit"

"$top/build/cpdflow" report last --state-dir "$work/demo/state" --format html="$work/html"
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/chromium" --hide-scrollbars \
    --window-size=1100,1180 --screenshot="$pictures/report.png" "file://$work/html/index.html" >/dev/null 2>&1
ls -l "$pictures"
