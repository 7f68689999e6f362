#!/usr/bin/env bats
# The console on a real terminal (tmux), in pipes, and on a full disk. Steps wait for files that the
# test makes, so nothing here depends on time.

bats_require_minimum_version 1.5.0
load common

setup() {
    fresh_folder
    cat >flow.yaml <<'EOF'
cpdflow: 1
name: demo
steps:
  - id: login
    cmd: [echo, logged in]
    output: text
    reads: true
  - id: space
    needs: [login]
    cmd: [sh, -c, 'test -e active && echo "{\"state\":\"active\"}" || echo "{\"state\":\"preparing\"}"']
    output: json
    reads: true
    wait: {until: "state == 'active'", every: 50ms, timeout: 1m}
  - id: upload
    needs: [login]
    cmd: [sh, -c, 'echo uploading; until test -e uploaded; do sleep 0.05; done']
    output: text
  - id: quality
    needs: [upload, space]
    cmd: [echo, '{"accuracy": 0.83, "recall": 0.7}']
    output: json
    reads: true
    metrics:
      accuracy: {value: accuracy, lower_limit: 0.8}
      recall: {value: recall, lower_limit: 0.75}
EOF
}

teardown() {
    tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || true
    nothing_left_behind
}

# usage: on_terminal COLUMNS ROWS [option]...
on_terminal() {
    command -v tmux >/dev/null || skip "tmux is not installed"
    local columns=$1 rows=$2
    shift 2
    tmux -f /dev/null -S "$BATS_TEST_TMPDIR/tmux" new-session -d -x "$columns" -y "$rows" \
        "cd '$PWD'; export LC_ALL=C.UTF-8 TERM=xterm-256color; unset NO_COLOR
         '$CPDFLOW' run flow.yaml $*; echo \"exit \$?\" >ended; exec sleep 1000"
}

# The window, and above it what scrolled off; empty lines left out.
screen() {
    tmux -S "$BATS_TEST_TMPDIR/tmux" capture-pane -p -S -1000 | sed '/^$/d'
}

screen_has() {
    screen | grep -qF -- "$1"
}

screen_lacks() {
    if screen_has "$1"; then
        screen
        return 1
    fi
}

# Fails when a line stands on the screen more or less often than once.
once() {
    [ "$(screen | grep -cE -- "$1")" -eq 1 ] || { screen; echo "not once: $1"; return 1; }
}

@test "a terminal shows what runs now, and in the end one line a step" {
    for size in "80 24" "140 40"; do
        rm -f active uploaded ended
        # shellcheck disable=SC2086 # two numbers
        on_terminal $size
        wait_until 20 screen_has "◦ space"
        wait_until 20 screen_has "preparing for 1 s"
        screen_has "▸ upload"
        screen_has "1 of 4 steps done"
        once '✓ login'
        touch active
        wait_until 20 screen_has "✓ space"
        touch uploaded
        wait_until 20 test -e ended
        wait_until 20 screen_has "UNSTABLE  demo in"
        once '✓ login +[0-9]+ ms'
        once '✓ space +[0-9]'
        once '✓ upload +[0-9]'
        once '! quality +[0-9.]+ m?s +unstable: accuracy 0.83, recall 0.7 below its limit'
        screen_lacks "steps done"
        screen_lacks "◦"
        screen_lacks "▸"
        screen_has "accuracy  0.83  ████████████████┃░░░  ≥ 0.8   ok"
        screen_has "report.json"
        [ "$(cat ended)" = "exit 3" ]
        tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server
    done
}

@test "a window that changes its size while a run goes on is left clean" {
    on_terminal 100 24
    wait_until 20 screen_has "▸ upload"
    for columns in 40 160 60; do
        tmux -S "$BATS_TEST_TMPDIR/tmux" resize-window -x "$columns" -y 20
        wait_until 20 screen_has "▸ upload"
    done
    touch active uploaded
    wait_until 20 test -e ended
    wait_until 20 screen_has "UNSTABLE  demo in"
    once '✓ login'
    once '✓ space'
    once '✓ upload'
    screen_lacks "steps done"
}

@test "G3: an interrupt on the terminal ends the run with its verdict last" {
    on_terminal 80 24
    wait_until 20 screen_has "▸ upload"
    tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys C-c
    wait_until 20 test -e ended
    wait_until 20 screen_has "CANCELLED  demo in"
    once '■ upload'
    [ "$(cat ended)" = "exit 130" ]
}

@test "colours come from --color, NO_COLOR and CLICOLOR_FORCE" {
    touch active uploaded
    escape=$'\e'
    run -3 "$CPDFLOW" run flow.yaml
    [[ "$output" != *"$escape"* ]]
    run -3 "$CPDFLOW" run flow.yaml --color=always
    [[ "$output" == *"${escape}[33mUNSTABLE"* ]]
    CLICOLOR_FORCE=1 run -3 "$CPDFLOW" run flow.yaml
    [[ "$output" == *"$escape"* ]]
    CLICOLOR_FORCE=1 NO_COLOR=1 run -3 "$CPDFLOW" run flow.yaml
    [[ "$output" != *"$escape"* ]]
}

@test "without a terminal each fact is a line with its time" {
    touch active uploaded
    run -3 "$CPDFLOW" run flow.yaml
    time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
    [ "$(grep -cE "^$time (run|login|space|upload|quality): " <<<"$output")" -eq \
        "$(sed '/^$/,$d' <<<"$output" | wc -l)" ]
    [ "$(LC_ALL=C tr -d '\1-\11\13-\37\177' <<<"$output")" = "$output" ]
}

@test "-q says only the verdict, -v shows the output of children" {
    touch active uploaded
    run -3 "$CPDFLOW" run flow.yaml -q
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == "UNSTABLE  demo in "* ]]
    run -3 "$CPDFLOW" run flow.yaml -v
    [[ "$output" == *"Z upload| uploading"* ]]
}

@test "--output json is events and nothing else" {
    touch active uploaded
    run -3 --separate-stderr "$CPDFLOW" run flow.yaml --output json
    jq -es 'map(.seq) == [range(length)] and .[0].event == "run_started" and
        .[-1].event == "run_finished" and .[-1].verdict == "unstable"' <<<"$output"
}

@test "O10: a reader that goes away does not end the run" {
    touch active uploaded
    "$CPDFLOW" run flow.yaml -v 2>err | head -1 >first || true
    wait_until 20 sh -c 'ls .cpdflow/runs/*/report.json >/dev/null 2>&1'
    jq -e '.verdict == "unstable"' .cpdflow/runs/*/report.json
    [ "$(wc -l <first)" -eq 1 ]
}

@test "O11: a full disk under the output is told, and the report is written all the same" {
    [ -c /dev/full ] || skip "no /dev/full here"
    touch active uploaded
    run sh -c '"$CPDFLOW" run flow.yaml >/dev/full'
    [ "$status" -ne 0 ]
    [[ "$output" == *"No space left on device"* ]]
    jq -e '.verdict == "unstable"' .cpdflow/runs/*/report.json
}

@test "a run that left something undone says how to go on with it" {
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: ["false"]}]\n' >failing.yaml
    run "$CPDFLOW" run failing.yaml --state-dir state
    [ "$status" -eq 1 ]
    says "  resume    cpdflow resume $(basename state/runs/*) --state-dir state"
    printf 'cpdflow: 1\nsteps: [{id: a, cmd: ["true"]}]\n' >fine.yaml
    run "$CPDFLOW" run fine.yaml
    [ "$status" -eq 0 ]
    [[ "$output" != *"cpdflow resume"* ]]
}
