# `cpdflow shim`: scripts against recordings; and what the shell chain of before says of them beside what the recipe says.
# shellcheck disable=SC2034 # recipe, dialect and generation are for pipeline.bash
# shellcheck disable=SC2154 # outside is from common.bash, url from standin.bash

recipe=mlops-cpd30
dialect=0.4
generation=3.0
load pipeline

# usage: cassette ENTRY...   makes tape/ with these calls
cassette() {
    mkdir -p tape
    { printf 'cpdflow_tape: 1\ncalls:\n'; printf '  - %s\n' "$@"; } >tape/tape.yaml
}

@test "shim: a script gets recorded answers, in order for one call, with their exit codes" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0, stdout: one.stdout}' \
        '{argv: [cpdctl, spaces, list], exit: 0, stdout: two.stdout, stderr: two.stderr}' \
        '{argv: [cpdctl, spaces, create, "--name={{inputs.name}}", "--key=***"], exit: 3}' \
        '{argv: [curl, -sS, "https://x"], exit: 0, stdout: one.stdout}' \
        '{argv: [oc, get, pods], signal: 15, outcome: signaled}'
    printf 'one {{inputs.name}}\n' >tape/one.stdout
    echo two >tape/two.stdout
    echo warning >tape/two.stderr
    cat >script.sh <<'END'
cpdctl spaces list
cpdctl spaces list 2>&1
cpdctl spaces create --key hunter2 --name qa
echo "rc $?"
curl -sS https://x
oc get pods
echo "rc $?"
END
    run --separate-stderr "$CPDFLOW" shim tape --strict -p oc -i name=qa -- sh script.sh
    [ "$status" -eq 0 ]
    is "$output" "$(printf '%s\n' 'one qa' two warning 'rc 3' 'one qa' 'rc 143')" ||
        is "$output" "$(printf '%s\n' 'one qa' warning two 'rc 3' 'one qa' 'rc 143')"
}

@test "shim: a call that nobody recorded is loud and no success, what is left over is told" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0}' '{argv: [cpdctl, spaces, get], exit: 0}'
    run "$CPDFLOW" shim tape -- sh -c 'cpdctl spaces lst | cat; echo done'
    [ "$status" -eq 4 ]
    says "cpdctl: this call was never recorded: cpdctl spaces lst;" "[-list-]{+lst+}" "done" \
        "warning[unused-recording]: 2 recorded calls were not made" \
        "error[missing-recording]: 1 call had no recorded answer:"
    run "$CPDFLOW" shim tape -- sh -c 'cpdctl spaces lst'
    [ "$status" -eq 97 ]
    run "$CPDFLOW" shim tape --strict -- cpdctl spaces list
    [ "$status" -eq 1 ]
    run "$CPDFLOW" shim nothing -- true
    [ "$status" -eq 2 ]
    run "$CPDFLOW" shim tape -- no-such-program
    [ "$status" -eq 4 ]
}

@test "shim: stdin is part of the key and is left to the script where it was not recorded" {
    cassette '{argv: [curl, --config, "-"], stdin: "url = a\n", exit: 0, stdout: a.stdout}' \
        '{argv: [cpdctl, use, one], exit: 0}' '{argv: [cpdctl, use, two], exit: 0}'
    echo answer-a >tape/a.stdout
    run --separate-stderr "$CPDFLOW" shim tape -- sh -c \
        'echo "url = a" | curl --config -; printf "one\ntwo\n" | while read -r name; do cpdctl use "$name" || exit 9; done'
    [ "$status" -eq 0 ]
    [ "$output" = answer-a ]
}

@test "shim: processes side by side never get the same recording" {
    local i entries=()
    for i in 1 2 3 4 5 6 7 8; do
        entries+=("{argv: [cpdctl, next], exit: 0, stdout: $i.stdout}")
    done
    cassette "${entries[@]}"
    for i in 1 2 3 4 5 6 7 8; do
        echo "$i" >"tape/$i.stdout"
    done
    run --separate-stderr "$CPDFLOW" shim tape --strict -- sh -c 'for i in 1 2 3 4 5 6 7 8; do cpdctl next & done; wait'
    [ "$status" -eq 0 ]
    is "$(sort <<<"$output" | tr '\n' ' ')" '1 2 3 4 5 6 7 8 '
}

@test "shim: faults come first, once each" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0}'
    run "$CPDFLOW" shim tape --fault 'cpdctl spaces list=1:Token is expired' --fault 'cpdctl spaces=7' -- \
        sh -c 'cpdctl spaces list; echo $?; cpdctl spaces list; echo $?; cpdctl spaces list; echo $?'
    [ "$status" -eq 0 ]
    is "$output" "$(printf '%s\n' 'Token is expired' 1 7 0)"
    run "$CPDFLOW" shim tape --fault nonsense -- true
    [ "$status" -eq 2 ]
    says "--fault 'nonsense' is not of the form CALL=EXIT or CALL=EXIT:TEXT"
}

@test "shim: the command begins behind DIR, its options are its own, with -- and without" {
    cassette '{argv: [cpdctl, spaces, list, --output, json], exit: 0, stdout: a.stdout}'
    echo '{}' >tape/a.stdout
    mkdir 'a tape'
    cp tape/* 'a tape'
    local words
    for words in 'tape cpdctl' 'tape -- cpdctl' '--strict tape cpdctl' 'tape --strict cpdctl' '-- tape cpdctl'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr -0 "$CPDFLOW" shim $words --output=json spaces list
        is '{}' "$output"
    done
    run --separate-stderr -0 env PATH="$PWD/no such dir:$PATH" TMPDIR="$PWD/a tape" \
        "$CPDFLOW" shim 'a tape' sh -xec 'cpdctl spaces list --output json'
    is '{}' "$output"
    run -0 "$CPDFLOW" shim tape -- sh -c 'exit 0' --help
    [[ "$output" != *usage:* ]]
    run -0 "$CPDFLOW" shim tape --help
    says "cpdflow shim [options] DIR [--] COMMAND..."
}

@test "shim: what cannot be meant is refused" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0}'
    run -2 "$CPDFLOW" shim tape
    says 'shim needs DIR [--] COMMAND...'
    run -2 "$CPDFLOW" shim tape --output json
    says "unknown option '--output'"
    run -2 "$CPDFLOW" shim tape --input name -- true
    says "--input 'name' is not of the form NAME=VALUE"
    local name
    for name in '' . .. ../x /bin/oc cpdflow; do
        run -2 "$CPDFLOW" shim tape --program "$name" -- true
        says "--program '$name' is not the name of a program on PATH"
    done
    run -2 "$CPDFLOW" shim tape --record=all --strict -- true
    says '--strict is for replays'
    run -4 "$CPDFLOW" shim tape -- ./no-such-program
    says 'cannot start ./no-such-program: No such file or directory'
    run -0 "$CPDFLOW" shim tape -p cpdctl -p cpdctl -p oc --fault 'cpdctl spaces get=1' -- cpdctl spaces list
    says 'warning[unused-fault]: 1 fault was met by no call:' '  cpdctl spaces get=1'
}

@test "shim: one within another: the inner answers, and its recordings come from the outer" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0, stdout: a.stdout}'
    echo outer >tape/a.stdout
    run --separate-stderr -0 "$CPDFLOW" shim tape --strict "$CPDFLOW" shim inner --record=missing cpdctl spaces list
    is outer "$output"
    run --separate-stderr -0 "$CPDFLOW" shim tape "$CPDFLOW" shim --strict inner cpdctl spaces list
    is outer "$output"
    [[ "$stderr" == *'1 recorded call was not made'* ]]
}

# usage: shim_dirs   how many private directories of shims there are
shim_dirs() {
    find "$TMPDIR" -maxdepth 1 -name 'cpdflow-shim*' | wc -l
}

@test "shim: a signal goes to the command, and the directory goes when it has ended" {
    local signal pid
    cassette '{argv: [cpdctl, spaces, list], exit: 0}'
    export TMPDIR=$PWD/tmp
    mkdir tmp
    cat >script.sh <<'END'
trap 'echo "heard"; exit 7' TERM INT HUP
cpdctl spaces list
touch ready
while :; do sleep 0.05; done
END
    for signal in TERM INT HUP; do
        rm -f ready
        env --default-signal=INT timeout -k 1 --foreground 20 "$CPDFLOW" shim tape -- sh script.sh >out 2>&1 3>&- &
        pid=$!
        wait_until 10 test -e ready
        is 1 "$(shim_dirs)"
        kill -"$signal" "$pid"
        status=0
        wait "$pid" || status=$?
        is '7 heard 0' "$status $(cat out) $(shim_dirs)"
    done
}

@test "shim: a command that dies of a signal ends it with 128+N; one that ignores it is waited for" {
    cassette '{argv: [cpdctl, spaces, list], exit: 0}'
    run "$CPDFLOW" shim tape -- sh -c 'kill -KILL $$'
    [ "$status" -eq 137 ]
    run "$CPDFLOW" shim tape -- sh -c 'trap "" TERM; kill -TERM "$PPID"; sleep 0.1; cpdctl spaces list; echo done'
    [ "$status" -eq 0 ]
    is "$output" "done"
}

# usage: seed PATTERN   the shell command in the first line of the seed's Jenkinsfile with PATTERN, as the shell gets it
seed() {
    local file=$top/../shared/reference/seed-pipeline.txt
    grep -F -m 1 "$1" "$file" |
        sed -E "s/.*script: *\"//; s/.*sh '''//; s/(''')|(\"\)\.trim\(\))|(\"\) *\$).*//; s/\"\)\.trim\(\)//; s/\\\\\\\$/\$/g
            s/\\\$\{env\.SPACE_NAME\}/p-test-space/g"
}

# usage: add_tables YAML   makes the calls of these steps too and puts them on the tape
add_tables() {
    printf 'cpdflow: 1\nsteps:\n%s\n' "$1" >tables.yaml
    run "$CPDFLOW" run tables.yaml --record=missing --replay tape
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

# usage: log_in_30   gives cpdctl 0.4 a context for the stand-in
log_in_30() {
    cpdctl config users set tester --username=admin --password="$CPD_PASSWORD" &&
        cpdctl config profiles set standin --user tester --url "$url" &&
        cpdctl config contexts set tester --profile standin &&
        cpdctl config contexts use tester
}

@test "shim: old and new on the same recordings: another team's space is taken for ours (E06)" {
    outside reference
    start_case E06
    log_in_30
    cat >ours.yaml <<'END'
cpdflow: 1
cpdctl: {version: "0.4"}
steps:
  - id: space
    ensure:
      find: {cpdctl: [spaces, list], select: "resources[?entity.name == 'p-test-space']"}
    outputs: {id: metadata.id}
END
    run "$CPDFLOW" run ours.yaml --record tape
    add_tables '  - {id: table, cmd: [cpdctl, spaces, list], output: text}'
    # The old chain: a success, and the id of a space that belongs to somebody else.
    seed 'env.SPACE_ID=sh' >old.sh
    run --separate-stderr "$CPDFLOW" shim tape -- sh -xe old.sh
    [ "$status" -eq 0 ]
    is "$(jq -r '.resources[].entity.name' tape/space-1.stdout)" p-test-space-2
    is "$output" "$(jq -r '.resources[].metadata.id' tape/space-1.stdout)"
    # The recipe: there is no such space.
    run "$CPDFLOW" run ours.yaml --replay tape
    [ "$status" -eq 1 ]
    says "nothing matches"
}

# usage: judge_run   what the chain's last command and the recipe say of the evaluation on the tape
judge_run() {
    add_tables "  - {id: monitors, cmd: [cpdctl, wos, monitors, instances, list], output: text}
  - id: again # the chain asks twice
    cmd: [cpdctl, wos, monitors, instances, list]
    output: text
    outputs: {id: \"capture(@, '(?<id>[0-9a-f-]{36})').id\"}
  - id: runs
    cmd: [cpdctl, wos, monitors, runs, list, --monitor-instance-id, \"\${{ steps.again.outputs.id }}\"]
    output: text
    outputs: {id: \"capture(@, '(?<id>[0-9a-f-]{36})').id\"}
  - id: run
    cmd: [cpdctl, wos, monitors, runs, get, --monitoring-run-id, \"\${{ steps.runs.outputs.id }}\", --monitor-instance-id, \"\${{ steps.again.outputs.id }}\", --output, yaml]
    output: text"
    seed 'cpdctl wos monitors runs get' >old.sh
    run --separate-stderr "$CPDFLOW" shim tape -- sh -xe old.sh
    echo "$output"
}

@test "shim: old and new on the same recordings: a failed evaluation (E12)" {
    outside reference
    start_case E12
    mlops --record tape
    [ "$status" -eq 1 ]
    says "state error"
    log_in_30
    judge_run
    [ "$status" -eq 0 ] # the chain ends here, with SUCCESS
    says "state: error"
}

@test "shim: old and new on the same recordings: accuracy below its limit (E13)" {
    outside reference
    start_case E13
    mlops --record tape
    [ "$status" -eq 3 ]
    says "UNSTABLE"
    log_in_30
    judge_run
    [ "$status" -eq 0 ]
    says "state: finished"
}
