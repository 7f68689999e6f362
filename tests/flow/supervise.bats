# Rows of the fault catalogue that need the whole program: refused starts, signals at odd moments, standard output that nobody
# takes, deadlines. What one child shows is in unit/proc.
load common
load fakes

setup() {
    fresh_folder
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # it does not work under strace
}

# usage: recipe LINE…   r.yaml with these lines below `steps:`
recipe() {
    printf '%s\n' 'cpdflow: 1' 'steps:' "$@" >r.yaml
}

# usage: traced OPTIONS…   strace of a run of r.yaml; skips where it may not trace
traced() {
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
    run timeout -k 5 60 strace -f -qq -o trace "$@" "$CPDFLOW" run --report json=report.json r.yaml
    echo "$output"
}

# usage: in_background [COMMAND…]   a run of r.yaml; sets $run_pid
in_background() {
    "$@" "$CPDFLOW" run --report json=report.json --report junit=junit.xml r.yaml >out 2>&1 3>&- &
    run_pid=$!
}

# usage: ended   waits for the run in the background; sets $status
ended() {
    status=0
    wait "$run_pid" || status=$?
    cat out
}

@test "S10, S11: a start that the system refuses once is repeated and costs no attempt" {
    recipe '  - {id: a, cmd: [echo, hello]}'
    local error
    for error in EAGAIN ENOMEM; do
        traced -e trace=vfork,clone -e "inject=vfork,clone:error=$error:when=1"
        is 0 "$status"
        grep -q "$error.*INJECTED" trace
        is 1 "$(reported '.steps[].n_attempts')"
    done
}

@test "G1: a signal at any moment ends the run with its own exit status and a whole report" {
    recipe '  - {id: a, cmd: ["true"]}' "  - {id: b, cmd: [sh, -c, 'cat /dev/zero | head -c 300000; sleep 0.2']}" \
        '  - {id: c, foreach: [1, 2, 3, 4, 5, 6, 7, 8], max_parallel: 8, cmd: [sleep, "0.1"]}' '  - {id: d, cmd: [sleep, "60"]}'
    local delay
    for delay in 0.01 0.05 0.1 0.2 0.35 0.5; do
        rm -f report.json
        in_background
        sleep "$delay" # the moment is the point
        kill -TERM "$run_pid"
        ended
        [ "$status" -eq 143 ] || { echo "after $delay s: $status"; return 1; }
        [ ! -e report.json ] || is cancelled "$(reported .verdict)"
        oracle_runs "$PWD"
    done
}

@test "G2: three interrupts leave a whole journal" {
    recipe "  - {id: a, cmd: ['$HELPER_DIR/fakectl', ignore=2, ignore=15, out=up, sleep=60000]}" 'finally: [{id: f, cmd: [sleep, "60"]}]'
    trap '' INT # of a shell's background jobs it is ignored
    in_background env --default-signal=INT
    wait_until 20 sh -c 'grep -qs up .cpdflow/runs/*/steps/*stdout'
    kill -INT "$run_pid"
    kill -INT "$run_pid"
    kill -INT "$run_pid" || true
    ended
    is '130 cancelled' "$status $(reported .verdict)"
    # finally never began, and every report says so and why.
    is 'cancelled finally never began: cancelled by SIGINT' \
        "$(reported '.steps[] | select(.id == "f") | "\(.status) \(.phase) \(.message)"')"
    grep -A1 'testcase name="f"' junit.xml | grep -q '<skipped message="never began: cancelled by SIGINT"'
    grep -q 'f: cancelled: never began: cancelled by SIGINT' out
    oracle_runs "$PWD"
}

@test "G8, T7: time in which cpdflow is stopped counts, and each deadline is kept once" {
    recipe '  - {id: a, cmd: [sleep, "60"], timeout: 1s, continue_on_error: true}' '  - {id: b, cmd: ["true"]}'
    local signal
    for signal in STOP TSTP; do
        in_background env --default-signal=TSTP
        wait_until 20 sh -c 'grep -qs attempt_started .cpdflow/runs/*/journal.ndjson'
        kill "-$signal" "$run_pid"
        sleep 1.5 # the time in question
        kill -CONT "$run_pid"
        ended
        is '3 timeout 1 succeeded' "$status $(reported '"\(.steps[0].class) \(.steps[0].n_attempts) \(.steps[1].status)"')"
        [ "$(reported .run.duration_ms)" -ge 1000 ]
        rm -rf .cpdflow
    done
}

@test "G10: a signal between fork and exec loses no child" {
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
    recipe '  - {id: a, cmd: [sleep, "60"]}'
    in_background strace -f -qq -o trace -e trace=execve -e inject=execve:delay_enter=700000
    local pid=
    wait_until 20 sh -c 'grep -qs attempt_started .cpdflow/runs/*/journal.ndjson'
    pid=$(cat "/proc/$run_pid/task/$run_pid/children")
    kill -TERM "${pid%% *}"
    ended
    is '143 cancelled' "$status $(reported '.steps[].status')"
}

@test "O10: a reader that goes away does not end the run" {
    recipe '  - {id: a, cmd: [seq, "20000"]}' '  - {id: b, run: touch reached}'
    { status=0; "$CPDFLOW" run -v r.yaml || status=$?; echo "$status" >status; } 2>err | head -1 >first
    wait_until 20 test -s status
    is 0 "$(cat status)"
    [ -e reached ]
}

@test "O12: a reader that stands still stops neither children nor deadlines, and a signal ends the run" {
    recipe '  - {id: flood, cmd: [seq, "300000"]}' '  - {id: hang, cmd: [sleep, "60"], timeout: 300ms}' 'finally: [{id: f, run: touch reached}]'
    mkfifo pipe
    sh -c 'exec sleep 60' <pipe 3>&- &
    local reader=$!
    "$CPDFLOW" run -v --report json=report.json r.yaml >pipe 2>err 3>&- &
    run_pid=$!
    wait_until 30 test -e reached
    wait_until 20 grep -q '"run_finished"' .cpdflow/runs/*/journal.ndjson
    kill "$reader"
    wait "$run_pid" || status=$?
    is 5 "$status"
    is timeout "$(reported '.steps[] | select(.id == "hang").class')"
}

@test "O14: output that ends in the middle of JSON is a failure of its own class, whatever the exit status" {
    recipe "  - {id: a, cmd: [printf, '{\"a\": [1, 2'], output: json, outputs: {a: a}}"
    flow r.yaml
    is '1 output' "$status $(reported '.steps[].class')"
}

@test "T5: the deadline of the run wins over back-off, drain and KILL" {
    printf '%s\n' 'cpdflow: 1' 'timeout: 1s' 'steps:' '  - id: all' '    parallel: true' '    steps:' \
        '      - {id: a, cmd: ["false"], retry: {attempts: 9, delay: 1h, on: [unknown]}, reads: true}' \
        "      - {id: b, cmd: ['$HELPER_DIR/fakectl', grandchild=t]}" \
        "      - {id: c, cmd: ['$HELPER_DIR/fakectl', ignore=15, sleep=60000], kill_grace: 500ms}" \
        "      - {id: d, cmd: ['$HELPER_DIR/fakectl', kill=19]}" >r.yaml
    flow r.yaml
    is 5 "$status"
    [ "$(reported .run.duration_ms)" -lt 4500 ] # 1 s, grace of 0.5 s, 2 s of drain, and a busy machine
}

@test "T8: a storm of retries is held to its spacing" {
    recipe '  - {id: a, cmd: ["false"], reads: true, retry: {attempts: 30, delay: 0s, on: [unknown]}}'
    flow r.yaml
    is '1 30' "$status $(reported '.steps[].n_attempts')"
    [ "$(reported .run.duration_ms)" -ge 580 ]
}

@test "a stopped child and one that is traced are ended at their deadline plus grace" {
    recipe "  - {id: a, cmd: ['$HELPER_DIR/fakectl', ignore=15, kill=19], timeout: 300ms, kill_grace: 300ms}"
    flow r.yaml
    is '5 timeout' "$status $(reported '.steps[].class')"
    [ "$(reported '.steps[].duration_ms')" -lt 2600 ]
    recipe '  - {id: a, cmd: [strace, -qq, -o, /dev/null, -e, inject=nanosleep:delay_enter=60000000, sleep, "60"], timeout: 300ms, kill_grace: 300ms}'
    flow r.yaml
    is '5 timeout' "$status $(reported '.steps[].class')"
    [ "$(reported '.steps[].duration_ms')" -lt 2600 ]
}

@test "E3: under a file size limit of nothing the run says so and starts nothing" {
    recipe '  - {id: a, run: touch started}'
    run bash -c 'ulimit -f 0; exec "$CPDFLOW" run r.yaml' 2>&1
    is 4 "$status"
    [ ! -e started ]
}

@test "E1: a run with few descriptors takes its time and completes" {
    recipe '  - {id: a, foreach: ['"$(seq -s, 50)"'], max_parallel: 20, cmd: ["true"]}'
    run bash -c 'ulimit -n 30; exec "$CPDFLOW" run --report json=report.json r.yaml'
    is 0 "$status"
    is 50 "$(reported '[.steps[] | select(.parent != null and .status == "succeeded")] | length')"
}

@test "E8: a pid that somebody else has got is never signalled" {
    unshare -pf --mount-proc true 2>/dev/null || skip "no namespaces here"
    recipe '  - {id: a, run: echo $$ >pid}' '  - {id: b, run: "touch second; exec sleep 60"}'
    cat >inside.sh <<'SH'
"$CPDFLOW" run -q r.yaml >out 2>&1 & run=$!
until [ -e second ]; do sleep 0.02; done
echo $(($(cat pid) - 1)) >/proc/sys/kernel/ns_last_pid
sleep 5 & stranger=$!
[ "$stranger" = "$(cat pid)" ] || { echo "pid $stranger, not $(cat pid)"; exit 77; }
kill -TERM "$run"
wait "$run"; status=$?
kill -0 "$stranger" || exit 1
exit "$status"
SH
    run unshare -pf --mount-proc --kill-child bash inside.sh
    [ "$status" -ne 77 ] || skip "$output"
    is 143 "$status"
}
