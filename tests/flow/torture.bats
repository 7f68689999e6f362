# Every system call of a small run fails once, and from there on; every write comes out short; the process dies at every
# byte that it writes. After each: no crash, no hang, no lie, no record that is half there. `make check` takes a sample.

bats_require_minimum_version 1.5.0
load common
load fault

setup() {
    fresh_folder
    needs_fault
    cat >flow.yaml <<'END'
cpdflow: 1
name: golden
steps:
  - id: list
    cmd: [echo, '[{"id": 7, "name": "x"}]']
    output: json
    outputs: {id: "@[0].id"}
  - id: flaky
    cmd: [sh, -c, 'test -e seen || { touch seen; exit 1; }; echo fine']
    output: text
    reads: true
    retry: {attempts: 2, delay: 10ms, on: [unknown]}
  - id: uses
    cmd: [echo, "id ${{ steps.list.outputs.id }}"]
    output: text
    outputs: {text: "@"}
END
}

# The fault may strike the removal of a private file itself: of the runs themselves each test asks what must hold.
teardown() {
    rm -rf "$BATS_TEST_TMPDIR/work/.cpdflow"
    nothing_left_behind
}

# usage: golden ORDER   one run with this fault
golden() {
    rm -rf .cpdflow seen report.json junit.xml
    faulted "$1" "$plain" run flow.yaml --report json=report.json --report junit=junit.xml >out 2>errors
}

complain() {
    echo "$1: status $fault_status"
    cat fault.log errors out
    return 1
}

# Whole records with rising numbers; behind them at most a piece of one more.
journal_is_whole() {
    local journal
    for journal in .cpdflow/runs/*/journal.ndjson; do
        [ -e "$journal" ] || continue
        if [ -n "$(tail -c 1 "$journal")" ]; then
            sed '$d' "$journal" >records
        else
            cp "$journal" records
        fi
        jq -es 'map(.n) == [range(length)]' records >/dev/null || return 1
    done
}

# usage: holds ORDER   what must be so after any fault: an end that is one of ours, and 0 only where all was done and told
holds() {
    local report
    case $fault_status in
    [0-5]) ;;
    137) [[ $1 == *kill ]] || complain "$1 hangs" || return 1 ;;
    *) complain "$1 crashes" || return 1 ;;
    esac
    journal_is_whole || complain "$1 leaves a journal that is not whole" || return 1
    if [ "$fault_status" -eq 0 ]; then
        jq -e '.verdict == "success" and ([.steps[].status] | unique) == ["succeeded"] and (.steps | length) == 3' \
            report.json >/dev/null || complain "$1 says that all is well, the report does not" || return 1
        xmllint --noout junit.xml || complain "$1 says that all is well without a JUnit file" || return 1
    fi
    for report in report.json .cpdflow/runs/*/report.json; do
        [ ! -e "$report" ] || jq -e .verdict "$report" >/dev/null || complain "$1 leaves half a report" || return 1
    done
}

# usage: each_point CALLS COUNT SUFFIX…   `CALLS@N<SUFFIX>` for a sample of N
each_point() {
    local calls=$1 count=$2 points n suffix fired=0
    shift 2
    golden "$calls"
    points=$(fault_calls)
    [ "$points" -gt 0 ] || complain "no $calls in a run" || return 1
    for suffix; do
        for n in $(sample "$points" "$count"); do
            golden "$calls@$n$suffix"
            holds "$calls@$n$suffix" || return 1
            ! has_fired || fired=$((fired + 1))
        done
    done
    [ "$fired" -gt 0 ]
}

@test "what only counts changes nothing" {
    golden io
    is 0 "$fault_status"
    holds io
}

@test "D2, D6: each system call fails once, with every error that a disk has" {
    each_point write 6 =ENOSPC =EDQUOT
    each_point fsync,rename,truncate 6 =EIO
    each_point open,mkdir,unlink 8 =EACCES =EROFS
}

@test "D2, D6: each system call fails from some point on" {
    each_point write 6 +=ENOSPC
    each_point open,mkdir,unlink,rename 6 +=EROFS
    each_point fsync 6 +=EIO
}

@test "D3, D5: writes that are short or interrupted change nothing" {
    local n points
    golden write
    points=$(fault_calls)
    for n in $(sample "$points" 8); do
        for how in short:4 EINTR; do
            golden "write@$n=$how"
            is 0 "$fault_status"
            holds "write@$n=$how"
        done
    done
    golden "write@1+=short:1"
    is 0 "$fault_status"
    holds "write@1+=short:1"
}

@test "S10, S11, S12: no process, no pipe, no descriptor to be had" {
    each_point fork 4 =EAGAIN =ENOMEM +=EAGAIN
    each_point pipe,open 8 =EMFILE +=ENFILE
}

@test "C1, C3: killed at any byte and any call, what is there is whole" {
    local n bytes fired=0 missed=0
    golden write
    bytes=$(fault_bytes)
    [ "$bytes" -gt 1000 ]
    for n in $(sample "$bytes" 16); do
        golden "write@b$((n - 1))=kill"
        if has_fired; then
            fired=$((fired + 1))
            is 137 "$fault_status"
        else # a run with shorter durations has fewer digits to write: only its last bytes can be out of reach
            missed=$((missed + 1))
            [ $((bytes - n)) -lt 256 ]
            is 0 "$fault_status"
        fi
        holds "write@b$((n - 1))=kill"
    done
    [ "$fired" -gt "$missed" ]
    each_point fsync,rename,open,truncate 12 =kill
}

@test "E2: each allocation of a run fails once" {
    each_point malloc 24 =ENOMEM
}

@test "E2: no child outlives a run that memory has ended" {
    local n points fired=0
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: both
    parallel: true
    steps:
      - {id: long, timeout: 500ms, cmd: [sh, -c, 'sleep 60 & wait']}
      - {id: short, cmd: [echo, '[1, 2, 3]'], output: json}
END
    faulted malloc "$plain" run flow.yaml >out 2>&1
    points=$(fault_calls)
    for n in 95 90 85 80 75 70; do
        faulted "malloc@$((points * n / 100))=ENOMEM" "$plain" run flow.yaml >out 2>&1
        ! grep -q 'out of memory' out || fired=$((fired + 1))
    done
    [ "$fired" -gt 0 ] # teardown finds who is left
}
