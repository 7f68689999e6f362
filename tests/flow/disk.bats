#!/usr/bin/env bats
# The disk of a run: full, read-only, gone, replaced, or one that cannot be forced. Always a clear word, exit code 4, and no child left.

bats_require_minimum_version 1.5.0
load common
load fault

setup() {
    fresh_folder
    needs_fault
}

# A slow silent step, so that nothing is written while it runs.
slow_flow() {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: slow, cmd: [sh, -c, "touch started; exec sleep 60"]}
  - {id: never, cmd: [touch, never]}
END
}

slow_run() {
    slow_flow
    "$plain" run flow.yaml >out 2>&1 3>&- &
    pid=$!
    wait_until 5 test -e started
}

# usage: ended CODE   the run in the background ends with it, well before its child would
ended() {
    local status=0
    wait "$pid" || status=$?
    is "$1" "$status" || { cat out; return 1; }
    [ ! -e never ]
}

@test "D1: a file system that fills up ends the run, and what was written is whole" {
    mkdir small
    unshare -rm true 2>/dev/null || [ "$(id -u)" = 0 ] || skip "cannot mount here"
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: fill
    foreach: [1, 2, 3, 4, 5, 6, 7, 8]
    cmd: [sh, -c, "head -c 20000 /dev/zero | tr '\\0' x"]
    output: text
  - {id: never, cmd: [touch, never]}
END
    run unshare -m sh -c 'mount -t tmpfs -o size=64k none small || exit 77
        "$0" run flow.yaml --state-dir small; echo "status $?"
        cat small/runs/*/journal.ndjson >journal' "$plain"
    [ "$status" -ne 77 ] || skip "cannot mount here"
    says "status 4" "No space left on device"
    [ ! -e never ]
    jq -es 'map(.n) == [range(length)]' journal
}

@test "D4: an fsync that fails ends the run, and is not tried again" {
    slow_flow
    FAULT_PATH=journal.ndjson FAULT_TRACE=1 faulted "fsync@1=EIO" "$plain" run flow.yaml >out 2>&1
    is 4 "$fault_status"
    grep -q "journal.ndjson: could not be forced to the disk: Input/output error" out
    [ ! -e never ]
    # The first one failed; after it no more is asked of this file.
    is 1 "$(grep -c '^call.*fsync.*journal.ndjson' fault.log)" || { cat fault.log; return 1; }
}

@test "D4: with --durable nothing is changed when the disk refuses" {
    slow_flow
    FAULT_PATH=journal.ndjson faulted "fsync@1=EIO" "$plain" run flow.yaml --durable >out 2>&1
    is 4 "$fault_status"
    [ ! -e started ]
}

@test "--durable: the intent is on the disk before the child is there" {
    command -v strace >/dev/null || skip "no strace here"
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [touch, done]}\n' >flow.yaml
    strace -f -s 4096 -o trace -e trace=write,fdatasync,fsync,execve "$plain" run flow.yaml --durable >/dev/null || skip "no strace here"
    awk '/attempt_started/ { intent = NR } /fdatasync/ && intent && NR > intent && !synced { synced = NR }
         /execve.*"touch"/ && !child { child = NR } END { exit !(intent && synced && child && synced < child) }' trace ||
        { grep -n -e attempt_started -e sync -e execve trace; return 1; }
}

@test "--durable: a large result is on the disk, its name too, before the record that tells of it" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: big, cmd: [sh, -c, "seq 5000 | jq -cs ."], output: json}
END
    FAULT_PATH=.cpdflow FAULT_TRACE=1 faulted open,fsync,write "$plain" run flow.yaml --durable >/dev/null
    is 0 "$fault_status"
    sed -n 's|^call [0-9]* \([a-z]*\) .*/runs/[^/ ]*|\1 |p; s|^call [0-9]* \([a-z]*\) .*/runs$|\1 runs|p; s|^call [0-9]* \([a-z]*\) .*/\.cpdflow$|\1 state|p' fault.log >calls
    # After the file's content come the names: of the file, and of the folder that is new.
    grep -A6 -x 'open /values/.*' calls | sed 's|/values/.*json|FILE|' | xargs >order
    is "open FILE write FILE fsync FILE open /values fsync /values open fsync" "$(sed 's|  *| |g' order)"
    # The names around the journal once.
    for name in '' runs state; do
        grep -qx "fsync $name" calls || { cat calls; return 1; }
    done
}

@test "D6: a state directory that cannot be written says so before anything is started" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [touch, never]}\n' >flow.yaml
    echo file >occupied
    run -4 "$plain" run flow.yaml --state-dir occupied
    says "occupied" "error[file-write]"
    run -4 "$plain" run flow.yaml --state-dir /proc/nothing
    says "/proc/nothing"
    for error in EACCES EROFS EDQUOT; do
        FAULT_PATH=journal.ndjson faulted "open@1=$error" "$plain" run flow.yaml >out 2>&1
        is 4 "$fault_status"
        grep -q 'error\[journal-open\]' out
    done
    [ ! -e never ]
}

@test "D7: the run directory is deleted while the run goes on: it ends, says so, and leaves no child" {
    slow_run
    rm -r .cpdflow
    ended 4
    grep -q 'journal was removed or replaced' out
}

@test "D8: a journal that was removed or replaced is noticed" {
    slow_run
    journal=$(echo .cpdflow/runs/*/journal.ndjson)
    cp "$journal" other
    mv other "$journal"
    ended 4
    grep -q 'error\[journal-gone\]' out
}

@test "D8: with --durable it is noticed before the next change" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: swap, cmd: [sh, -c, "cp .cpdflow/runs/*/journal.ndjson other; mv other .cpdflow/runs/*/journal.ndjson"]}
  - {id: never, cmd: [touch, never]}
END
    run -4 "$plain" run flow.yaml --durable
    says "error[journal-gone]"
    [ ! -e never ]
}

@test "J7: what is no journal is refused at once: a directory, a fifo, a device, a link, nothing, what cannot be read" {
    mkdir -p .cpdflow/runs/{dir,fifo,link,none}
    mkdir .cpdflow/runs/dir/journal.ndjson
    mkfifo .cpdflow/runs/fifo/journal.ndjson
    ln -s /dev/zero .cpdflow/runs/link/journal.ndjson
    : >.cpdflow/runs/none/journal.ndjson
    for name in dir fifo link none; do
        run timeout 5 "$plain" resume $name
        is 4 "$status" || { echo "$name: $output"; return 1; }
        says "error[journal-"
    done
    if [ "$(id -u)" = 0 ]; then
        mkdir -p .cpdflow/runs/closed && echo x >.cpdflow/runs/closed/journal.ndjson
        chmod 000 .cpdflow/runs/closed/journal.ndjson
        chmod 755 . .. ../.. 2>/dev/null || true
        run timeout 5 setpriv --reuid 65534 --clear-groups "$plain" resume "$PWD/.cpdflow/runs/closed"
        [ "$status" -ne 0 ] && [ "$status" -ne 124 ]
    fi
    run -0 "$plain" runs
    says unreadable "not begun"
}

@test "J1: a journal with a damaged record is refused with its place, and nothing is run" {
    printf 'cpdflow: 1\nsteps:\n  - {id: a, cmd: [sh, -c, "echo a >>log; test -e ok"]}\n' >flow.yaml
    run -1 "$plain" run flow.yaml
    sed -i '4s/"a"/"b"/' .cpdflow/runs/*/journal.ndjson
    run -4 "$plain" resume last --redo a
    says "error[journal-corrupt]" "record 3 at byte"
    is a "$(xargs <log)"
}
