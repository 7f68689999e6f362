# An aborted build: what the `sh` step of a Jenkins pipeline puts around cpdflow, and how Jenkins ends it.
# Rows G5 and G6 of the fault catalogue.
load common
load fakes

setup() {
    fresh_folder
    ctl=$PWD/ctl
    cat >flow.yaml <<YAML
cpdflow: 1
steps:
  - id: made
    run: echo made >>done
    cleanup: [{id: unmake, run: "sleep 0.3; echo cleaned >>done"}]
  - id: work
    cmd: ["$HELPER_DIR/fakectl", ${ORDERS:-"out=hello, sleep=60000"}]
    retry: {attempts: 5, delay: 10ms, on: [killed]}
finally:
  - id: end
    run: printenv JENKINS_SERVER_COOKIE JENKINS_NODE_COOKIE; sleep 0.3; echo finished >>done
YAML
}

# usage: sh_step COMMAND…   as the pipeline step: a wrapper without the cookie keeps a log alive and writes the exit status of
# the script, which runs in a shell of its own with the cookie, standard input at its end, HUP and INT ignored
sh_step() {
    mkdir -p "$ctl"
    printf '%s\n' "$*" >"$ctl/script.sh"
    server_cookie=durable-$RANDOM$RANDOM$$
    nohup sh -c "({ while [ -d '$ctl' ] && [ ! -f '$ctl/result' ]; do touch '$ctl/alive'; sleep 0.2; done; } &
        JENKINS_SERVER_COOKIE=$server_cookie sh -xe '$ctl/script.sh' >'$ctl/log' 2>&1
        echo \$? >'$ctl/result.tmp'; mv '$ctl/result.tmp' '$ctl/result'; wait) </dev/null >&- 2>&- &" 2>/dev/null 3>&-
}

members() {
    grep -lsa "JENKINS_SERVER_COOKIE=$server_cookie" /proc/[0-9]*/environ | cut -d/ -f3
}

# As Jenkins does on an agent: a snapshot, then each process after its children, with a wait of five seconds for each.
abort_children_first() {
    local -A children=()
    local pid parent deadline
    local -a snapshot
    mapfile -t snapshot < <(members)
    for pid in "${snapshot[@]}"; do
        parent=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f2) || continue
        children[$parent]+=" $pid"
    done
    end_tree() {
        local child
        for child in ${children[$1]:-}; do
            end_tree "$child"
        done
        kill -TERM "$1" 2>/dev/null || return 0
        deadline=$((SECONDS + 5))
        while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.02; done
    }
    for pid in "${snapshot[@]}"; do
        end_tree "$pid"
    done
}

# As the Kubernetes plugin does in a container: all at once.
abort_all_at_once() {
    # shellcheck disable=SC2046 # words
    kill -TERM $(members)
}

now_ms() {
    date +%s%3N
}

has_begun() {
    grep -qs hello .cpdflow/runs/*/steps/*work*stdout
}

# usage: aborted HOW [PREFIX]   runs the step and aborts it; $result_ms and $end_ms: when the result was there, and cpdflow gone
aborted() {
    sh_step "${2:-}'$CPDFLOW' run --report json=report.json flow.yaml"
    wait_until 20 has_begun
    local begin
    begin=$(now_ms)
    "$1"
    wait_until 30 test -e "$ctl/result"
    result_ms=$(($(now_ms) - begin))
    wait_until 30 nobody_left
    end_ms=$(($(now_ms) - begin))
    echo "result after $result_ms ms, end after $end_ms ms"
    cat "$ctl/log"
}

nobody_left() {
    [ -z "$(members)" ]
}

# What holds however the build was aborted.
was_cancelled() {
    is 'made cleaned finished' "$(paste -sd' ' "done")"
    is 'cancelled 143' "$(reported '"\(.verdict) \(.run.exit_code)"')"
    is 'cancelled by SIGTERM' "$(reported .reason)"
    is 1 "$(reported '.steps[] | select(.id == "work").n_attempts')"
    grep -q '"run_finished".*"cancelled"' .cpdflow/runs/*/journal.ndjson
    [ "$end_ms" -lt 10000 ]
}

@test "G5: children first, with exec: the step ends when cpdflow has cleaned up, with its exit status" {
    aborted abort_children_first 'exec '
    is 143 "$(cat "$ctl/result")"
    was_cancelled
    run -1 grep not-exec "$ctl/log"
}

@test "G6: all at once, with exec: the step ends when cpdflow has cleaned up, with its exit status" {
    aborted abort_all_at_once 'exec '
    is 143 "$(cat "$ctl/result")"
    [ "$result_ms" -ge 600 ]
    was_cancelled
}

@test "G5: children first, without exec: all is cleaned up, and the log says what to do" {
    aborted abort_children_first
    is 143 "$(cat "$ctl/result")"
    was_cancelled
    grep -q 'not-exec' "$ctl/log"
}

@test "G6: all at once, without exec: the step ends first, and all is cleaned up nevertheless" {
    aborted abort_all_at_once
    is 143 "$(cat "$ctl/result")"
    [ "$result_ms" -lt "$end_ms" ]
    was_cancelled
    grep -q 'not-exec' "$ctl/log"
}

@test "no hint for a shell that outlives the signal" {
    sh_step "trap : TERM; '$CPDFLOW' run -q flow.yaml"
    wait_until 20 has_begun
    abort_all_at_once
    wait_until 20 test -e "$ctl/result"
    run -1 grep not-exec "$ctl/log"
}

@test "G6: a child that ignores the signal costs half of the ten seconds, not more" {
    ORDERS='ignore=15, out=hello, sleep=60000' setup
    aborted abort_all_at_once 'exec '
    was_cancelled
    [ "$end_ms" -ge 5000 ]
}

@test "X9: Jenkins' cookies stay in the children's environment" {
    aborted abort_all_at_once 'exec '
    grep -qx "$server_cookie" .cpdflow/runs/*/steps/*end*stdout
    grep -qx "$JENKINS_NODE_COOKIE" .cpdflow/runs/*/steps/*end*stdout
}
