# Rows K1 to K3 of the fault catalogue: clocks that jump, and odd times to start at (fault/clock.c).
load common
load fakes
load fault

setup() {
    fresh_folder
    needs_fault
    [ -f "$HELPER_DIR/clock.so" ] || skip "no LD_PRELOAD here"
}

# usage: jump WALL MONOTONIC   seconds that both clocks are ahead from now on
jump() {
    echo "$1 $2" >offset.new
    mv offset.new offset
}

# usage: clocked RECIPE   in the background; sets $run_pid
clocked() {
    env LD_PRELOAD="$HELPER_DIR/clock.so" CLOCK_FILE="$PWD/offset" "$plain" run -q --report json=report.json "$1" >out 2>&1 3>&- &
    run_pid=$!
}

# What every report holds however the clocks went: times in their form, no negative duration.
times_are_sane() {
    is '[]' "$(reported '[.. | objects | (.duration_ms?, .started_ms?) | numbers | select(. < 0)]')"
    is '[]' "$(reported '[.. | objects | (.started?, .ended?) | strings
        | select(test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$") | not)]')"
}

@test "K1: a wall clock that jumps an hour back or forth moves no deadline" {
    cat >r.yaml <<'YAML'
cpdflow: 1
steps:
  - {id: a, run: "touch begun; until test -e go; do sleep 0.05; done", timeout: 60s, idle_timeout: 60s}
  - {id: b, run: sleep 20, timeout: 300ms, continue_on_error: true}
YAML
    local by
    for by in 3600 -3600; do
        rm -f begun go
        jump 0 0
        clocked r.yaml
        wait_until 20 test -e begun
        jump "$by" 0
        touch go
        wait "$run_pid" || true
        is 'unstable succeeded tolerated timeout' "$(reported '"\(.verdict) \([.steps[].status] | join(" ")) \(.steps[1].class)"')"
        [ "$(reported .run.duration_ms)" -lt 60000 ]
        times_are_sane
    done
}

@test "K2: after a monotonic clock that jumps an hour each step has timed out once" {
    cat >r.yaml <<'YAML'
cpdflow: 1
max_parallel: 8
defaults: {timeout: 10m}
steps:
  - id: all
    foreach: [1, 2, 3, 4]
    max_parallel: 4
    continue_on_error: true
    env: {N: "${{ item }}"}
    run: "touch begun.$N; while :; do echo tick; sleep 0.1; done" # a tick wakes the loop, which sleeps in the kernel
  - {id: after, cmd: ["true"]}
YAML
    jump 0 0
    clocked r.yaml
    wait_until 20 test -e begun.4
    jump 0 3600
    wait "$run_pid" || true
    cat out
    is 4 "$(reported '[.steps[] | select(.class == "timeout" and .n_attempts == 1)] | length')"
    is succeeded "$(reported '.steps[] | select(.id == "after").status')"
    times_are_sane
}

@test "K3: epoch 0, 2038, 9999 and odd time zones give valid times" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: ["true"]}\n' >r.yaml
    local now at
    now=$(date +%s)
    for at in 0 2147483647 4294967296 253402300798; do
        jump $((at - now)) 0
        clocked r.yaml
        wait "$run_pid"
        times_are_sane
    done
    jump 0 0
    for at in :Nowhere/Land right/UTC XXX-14:59YYY 'A'; do
        TZ=$at clocked r.yaml
        wait "$run_pid"
        times_are_sane
        is "$(date -u +%Y-%m-%d)" "$(reported '.run.started[:10]')"
    done
}
