#!/usr/bin/env bats
# `cpdflow resume`: finished steps are not run again, interrupted ones are looked at again or asked about.

bats_require_minimum_version 1.5.0
load common

# usage: cut_after PATTERN [N]   the newest journal ends with the Nth record that matches: a crash right after it
cut_after() {
    local journal
    journal=$(echo .cpdflow/runs/*/journal.ndjson)
    awk -v n="${2:-1}" -v pattern="$1" '{ print } $0 ~ pattern && !--n { exit }' "$journal" >shorter
    cat shorter >"$journal"
}

events() {
    jq -rc "$1" .cpdflow/runs/*/journal.ndjson
}

three_steps() {
    cat >flow.yaml <<'END'
cpdflow: 1
name: three
inputs: {who: {type: string, default: bob}}
vars: {stamp: "${{ now() }}"}
steps:
  - {id: a, cmd: [sh, -c, "echo a >>log; echo '{\"id\": 7}'"], output: json, outputs: {id: id}}
  - {id: b, cmd: [sh, -c, "echo b >>log; test ! -e broken"]}
  - {id: c, cmd: [sh, -c, 'echo c >>log; echo "$X"'], env: {X: "${{ steps.a.outputs.id }} ${{ inputs.who }} ${{ vars.stamp }}"}, output: text}
finally:
  - {id: last, cmd: [sh, -c, "echo last >>log"]}
outputs: {text: "${{ steps.c.result }}", stamp: "${{ vars.stamp }}"}
END
}

@test "resume goes on behind the last finished step, with the values, inputs and vars of then" {
    three_steps
    "$CPDFLOW" run flow.yaml --input who=eve >/dev/null
    before=$(events 'select(.event=="run_finished") | .outputs')
    cut_after '"event":"step_finished".*"step":{"index":1' || true
    cut_after '"step_finished"' 2
    : >log
    run -0 "$CPDFLOW" resume last
    is "c last" "$(xargs <log)"
    is "$before" "$(events 'select(.event=="run_finished") | .outputs')"
    [[ "$before" == *"7 eve 2"* ]]
    jq -e '.steps | length == 4 and all(.status == "succeeded")' .cpdflow/runs/*/report.json
}

@test "resume runs a failed step again and what was skipped because of it" {
    three_steps
    touch broken
    run -1 "$CPDFLOW" run flow.yaml
    is "a b last" "$(xargs <log)"
    rm broken log
    run -0 "$CPDFLOW" resume last
    is "b c last" "$(xargs <log)"
}

@test "C8: resume of a finished run does nothing, as often as it is asked" {
    three_steps
    "$CPDFLOW" run flow.yaml >/dev/null
    cp .cpdflow/runs/*/journal.ndjson before
    local dir
    dir=$(echo .cpdflow/runs/*)
    mkdir "$dir/tmp" # as left by a run that was killed while it tidied up
    for _ in 1 2; do
        run -0 "$CPDFLOW" resume last
        says "nothing is left to do"
    done
    is "" "$("$CPDFLOW" resume last --output json)"
    cmp before .cpdflow/runs/*/journal.ndjson
    [ ! -e "$dir/tmp" ]
    is "a b c last" "$(xargs <log)"
}

@test "an interrupted changing step is asked about: --redo runs it, --accept takes it" {
    three_steps
    "$CPDFLOW" run flow.yaml >/dev/null
    cut_after '"attempt_started"' 2
    cp -r .cpdflow kept
    : >log
    run -2 "$CPDFLOW" resume last
    says "error[unknown-outcome]" "it is not known whether this changing step did its work: 'b'" "--accept b" "--redo b"
    is "" "$(cat log)"
    run -0 "$CPDFLOW" resume last --redo b
    is "b c last" "$(xargs <log)"
    rm -r .cpdflow && mv kept .cpdflow && : >log
    run -0 "$CPDFLOW" resume last --accept b
    is "c last" "$(xargs <log)"
}

@test "--accept gives the result that later steps use" {
    three_steps
    "$CPDFLOW" run flow.yaml >/dev/null
    cut_after '"attempt_started"'
    : >log
    run -0 "$CPDFLOW" resume last --accept 'a={"id": 99}'
    is "b c last" "$(xargs <log)"
    [[ "$(events 'select(.event=="run_finished") | .outputs.text')" == "99 bob "* ]]
}

@test "an unknown step in --redo names the nearest" {
    three_steps
    run "$CPDFLOW" run flow.yaml
    sed -i '/run_finished/d' .cpdflow/runs/*/journal.ndjson
    run -2 "$CPDFLOW" resume last --redo lost
    says "error[unknown-step]" "no step 'lost'" "did you mean 'last'"
}

@test "an interrupted reading step is simply read again" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: look, cmd: [sh, -c, "echo look >>log; echo 5"], reads: true, output: json}
  - {id: use, cmd: [sh, -c, "echo use >>log"], env: {X: "${{ steps.look.result }}"}}
END
    "$CPDFLOW" run flow.yaml >/dev/null
    cut_after '"attempt_started"'
    run -0 "$CPDFLOW" resume last
    is "look use look use" "$(xargs <log)"
}

@test "groups, foreach and use go on inside" {
    cat >inner.yaml <<'END'
cpdflow: 1
inputs: {n: {type: integer}}
vars: {half: "${{ inputs.n / 2 }}"}
steps:
  - {id: one, cmd: [sh, -c, "echo one-$N >>log"], env: {N: "${{ inputs.n }}"}}
  - {id: two, cmd: [sh, -c, "echo two-$N >>log; test -e ok"], env: {N: "${{ vars.half }}"}}
outputs: {n: "${{ vars.half }}"}
END
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: all
    steps:
      - id: each
        foreach: [2, 4]
        use: ./inner.yaml
        with: {n: "${{ item }}"}
      - {id: after, cmd: [sh, -c, "echo after >>log"]}
outputs: {ns: "${{ steps.each.results }}"}
END
    touch ok
    "$CPDFLOW" run flow.yaml >/dev/null
    whole=$(events 'select(.event=="run_finished") | .outputs')
    is "one-2 two-1 one-4 two-2 after" "$(xargs <log)"
    rm -r .cpdflow log ok
    run -1 "$CPDFLOW" run flow.yaml
    is "one-2 two-1 one-4 two-2" "$(xargs <log)"
    touch ok
    : >log
    run -0 "$CPDFLOW" resume last
    is "two-1 two-2 after" "$(xargs <log)"
    is "$whole" "$(events 'select(.event=="run_finished") | .outputs' | tail -1)"
}

@test "cleanup that a crash interrupted is finished, and nothing else is done" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: a, cmd: [sh, -c, "echo a >>log"], cleanup: [{id: ua, cmd: [sh, -c, "echo ua >>log"]}]}
  - {id: b, cmd: [sh, -c, "echo b >>log"], cleanup: [{id: ub, cmd: [sh, -c, "echo ub >>log"]}]}
finally: [{id: last, cmd: [sh, -c, "echo last >>log"]}]
END
    "$CPDFLOW" run flow.yaml >/dev/null
    is "a b ub ua last" "$(xargs <log)"
    cut_after '"step_finished"' 3
    : >log
    run -0 "$CPDFLOW" resume last
    is "ua last" "$(xargs <log)"
    jq -e '.steps | length == 5' .cpdflow/runs/*/report.json
}

@test "what a cleanup undid is done again when there is more to do" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: a, needs: [], cmd: [sh, -c, "echo a >>log"]}
  - {id: b, needs: [], cmd: [sh, -c, "echo b >>log"], cleanup: [{id: ub, cmd: [sh, -c, "echo ub >>log"]}]}
  - {id: c, needs: [b], cmd: [sh, -c, "echo c >>log"]}
  - {id: d, needs: [a, c], cmd: [sh, -c, "echo d >>log; test -e ok"]}
END
    run -1 "$CPDFLOW" run flow.yaml
    is "a b c d ub" "$(sort log | xargs)"
    touch ok
    : >log
    run -0 "$CPDFLOW" resume last
    is "b c d ub" "$(xargs <log)"
}

@test "ensure that was interrupted in its create looks first, and what it finds was created by the run" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - id: space
    ensure:
      find: {cmd: [sh, -c, "cat things 2>/dev/null || echo '[]'"], output: json}
      create: {cmd: [sh, -c, "echo create >>log; echo '[{\"metadata\": {\"id\": \"s1\"}}]' >things; echo '{\"metadata\": {\"id\": \"s1\"}}'"], output: json}
      ready: {until: "`true`", every: 10ms}
    outputs: {id: metadata.id}
    cleanup: [{id: undo, cmd: [sh, -c, "echo undo $ID >>log"], env: {ID: "${{ steps.space.outputs.id }}"}}]
END
    "$CPDFLOW" run flow.yaml >/dev/null
    is "create undo s1" "$(xargs <log)"
    cut_after '"role":"create"'
    cp -r .cpdflow kept
    : >log
    run -0 "$CPDFLOW" resume last
    is "undo s1" "$(xargs <log)"
    is created "$(events 'select(.event=="step_finished" and .step.id=="space") | .change')"
    # The create never reached the server: it is made after a look.
    rm -r .cpdflow things && mv kept .cpdflow && : >log
    run -0 "$CPDFLOW" resume last
    is "create undo s1" "$(xargs <log)"
}

@test "a large result comes back from its file, a changed file is not believed" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: big, cmd: [sh, -c, "echo big >>log; seq 5000 | jq -cs ."], output: json, reads: true}
  - {id: sum, set: {n: "sum($steps.big.result)"}}
  - {id: show, cmd: [sh, -c, "echo $N >>log; test -e ok"], env: {N: "${{ steps.sum.outputs.n + length(steps.big.result) }}"}}
END
    run -1 "$CPDFLOW" run flow.yaml
    is "big 12507500" "$(xargs <log)"
    is 600 "$(stat -c %a .cpdflow/runs/*/values/*.json)"
    is 700 "$(stat -c %a .cpdflow/runs/*/values)"
    : >log
    run -1 "$CPDFLOW" resume last --redo show
    is "12507500" "$(xargs <log)"
    sed -i 's/4999/4998/' .cpdflow/runs/*/values/*.json
    touch ok
    : >log
    run -0 "$CPDFLOW" resume last --redo show
    says "is not what the journal says it is"
    is "big 12507500" "$(xargs <log)"
}

@test "secret inputs are asked for again, other inputs must be as they were" {
    cat >flow.yaml <<'END'
cpdflow: 1
inputs: {token: {type: string, secret: true, env: TOKEN}, stage: {type: string, default: dev}}
steps:
  - {id: use, cmd: [sh, -c, 'test "$T" = "$EXPECTED"'], env: {T: "${{ inputs.token }}", EXPECTED: "second-token"}}
END
    TOKEN=first-token run -1 "$CPDFLOW" run flow.yaml --input stage=qa
    run -2 "$CPDFLOW" resume last
    says "token"
    TOKEN=second-token run -2 "$CPDFLOW" resume last --input stage=prod
    says "error[changed-input]" "input 'stage' was \"qa\""
    TOKEN=second-token run -0 "$CPDFLOW" resume last
    run grep -r -e first-token -e second-token .cpdflow
    is "" "$(grep -rl -e first-token -e second-token .cpdflow)"
}

@test "a secret output is read again where that is safe, else its user fails with a word about it" {
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: read, cmd: [sh, -c, "echo read >>log; cat t.json"], output: json, reads: true, outputs: {t: {value: t, secret: true}}}
  - {id: make, cmd: [sh, -c, "echo make >>log; cat k.json"], output: json, outputs: {k: {value: k, secret: true}}}
  - {id: gate, cmd: [sh, -c, "test -e ok"]}
  - {id: one, cmd: [sh, -c, 'echo "one ${#T}" >>log'], env: {T: "${{ steps.read.outputs.t }}"}}
  - {id: two, cmd: [sh, -c, 'echo "two ${#T}" >>log'], env: {T: "${{ steps.make.outputs.k }}"}}
END
    echo '{"t": "tok-12345678"}' >t.json
    echo '{"k": "key-12345678"}' >k.json
    run -1 "$CPDFLOW" run flow.yaml
    is "read make" "$(xargs <log)"
    touch ok
    : >log
    run -1 "$CPDFLOW" resume last
    is "read one 12" "$(xargs <log)"
    says "its secret values are not in the journal" "--redo make"
    run -0 "$CPDFLOW" resume last --redo make
    is "read one 12 read make two 12" "$(xargs <log)"
    is "" "$(grep -rl -e tok-12345678 -e key-12345678 .cpdflow)"
}

@test "C7: a changed recipe is refused unless that is meant" {
    three_steps
    touch broken
    run -1 "$CPDFLOW" run flow.yaml
    rm broken
    echo "# changed" >>flow.yaml
    run -2 "$CPDFLOW" resume last
    says "error[changed-recipe]" "--changed-recipe" "was changed since the run began: in comments, layout or the order of steps only"
    run -0 "$CPDFLOW" resume last --changed-recipe
    is "a b last b c last" "$(xargs <log)"
}

# A recipe of which every part can be changed; `ok` lets it go on.
many_parts() {
    cat >inner.yaml <<'END'
cpdflow: 1
inputs: {n: {type: integer, description: a number}}
steps:
  - {id: one, cmd: [sh, -c, "echo one >>log"]}
END
    cat >flow.yaml <<'END'
cpdflow: 1
name: many
inputs: {who: {type: string, default: bob}}
vars: {stamp: 5, other: 6}
timeout: 1h
steps:
  - {id: made, name: for people, cmd: [sh, -c, "echo made >>log"]}
  - {id: looked, cmd: [sh, -c, "echo looked >>log"], reads: true}
  - {id: old, cmd: [sh, -c, "echo old >>log"]}
  - id: group
    steps:
      - {id: in_one, cmd: [sh, -c, "echo in_one >>log"]}
      - {id: in_two, cmd: [sh, -c, "echo in_two >>log"]}
  - {id: used, use: ./inner.yaml, with: {n: 3}}
  - {id: items, foreach: [1, 2], steps: [{id: item, cmd: [sh, -c, "echo item >>log"]}]}
  - {id: gate, cmd: [test, -e, ok]}
  - id: later
    steps: [{id: in_later, cmd: [sh, -c, "echo in_later >>log"]}]
finally:
  - {id: last, cmd: [sh, -c, "echo last >>log"]}
END
}

# usage: refuses TEXT   the recipe as it is now is refused, with exactly these words for what was changed
refuses() {
    run -2 "$CPDFLOW" resume last
    is "error[changed-recipe]: flow.yaml, or a recipe that it uses, was changed since the run began: $1
hint: restore it, or --changed-recipe: finished steps and \`vars\` keep what they gave; --redo STEP runs one as it is now" "$(grep -v warnings: <<<"$output")"
}

# usage: change SED-EXPRESSION [FILE]   changes the recipe as it was
change() {
    many_parts
    cp "${2:-flow.yaml}" before
    sed -i "$1" "${2:-flow.yaml}"
    cmp -s before "${2:-flow.yaml}" && { echo "changes nothing: $1"; return 1; }
    return 0
}

@test "C7: what was changed in a recipe is named: steps, those in them, inputs, vars, recipes that are used" {
    many_parts
    run -1 "$CPDFLOW" run flow.yaml
    change 's/echo made/echo Made/'
    refuses "changed: step 'made'; done already, and kept as it was: step 'made'"
    change 's/in_two >>log/in_2 >>log/; s/stamp: 5/stamp: 7/'
    refuses "changed: step 'group/in_two', vars.stamp; done already, and kept as it was: step 'group/in_two'"
    change 's/id: in_two/id: in_three/; /id: old/d; /id: looked/d'
    refuses "new: step 'group/in_three'; gone: step 'looked', step 'old', step 'group/in_two'; done, and now nothing undoes it: step 'old', step 'group/in_two'"
    change 's/test, -e, ok/test, -e, OK/'
    refuses "changed: step 'gate'"
    # What was not reached is part of what it stands in; items of a foreach are too.
    change 's/in_later >>log/later >>log/; s/echo item/echo Item/'
    refuses "changed: step 'items', step 'later'; done already, and kept as it was: step 'items'"
    change 's/default: bob/default: eve/; s/timeout: 1h/timeout: 2h/; s/, other: 6//; s/echo last/echo Last/'
    refuses "changed: inputs.who, timeout, finally.last; gone: vars.other"
    change 's/echo one/echo ONE/' inner.yaml
    refuses "changed: step 'used/one'; done already, and kept as it was: step 'used/one'"
    change 's/type: integer/type: number/' inner.yaml
    refuses "changed: step 'used'; done already, and kept as it was: step 'used'"
    change 's/stamp: 5/stamp: "5"/; s/id: gate, cmd: .*}/id: gate, timeout: 1m, cmd: [test, -e, "ok"]}/'
    refuses "changed: step 'gate', vars.stamp"
}

@test "C7: comments, layout, names and the order of keys are no change of a step" {
    many_parts
    run -1 "$CPDFLOW" run flow.yaml
    change 's/id: made, name: for people, cmd: \(.*\)}/cmd: \1, name: FOR, id: "made"} # new/; s/^name: many/name: few/'
    refuses "in comments, layout or the order of steps only"
    change 's/a number/the number/' inner.yaml
    refuses "in comments, layout or the order of steps only"
}

@test "C7: with --changed-recipe the run says what was changed, and which steps it keeps as they were" {
    many_parts
    run -1 "$CPDFLOW" run flow.yaml
    change 's/echo made/echo Made/; s/-e, ok/-e, OK/'
    touch OK
    : >log
    run -0 "$CPDFLOW" resume last --changed-recipe
    says "notice: goes on although the recipe was changed: changed: step 'made', step 'gate'; done already, and kept as it was: step 'made'"
    says "made: notice: was changed since it was done: what it did and gave then is kept; --redo made runs it as it is now"
    is "in_later last" "$(xargs <log)"
    is "changed-recipe: goes on although the recipe was changed: changed: step 'made', step 'gate'; done already, and kept as it was: step 'made'" "$(notices)"
    # A step that was done as it is now is not told to be another once more.
    run -0 "$CPDFLOW" resume last --redo later --changed-recipe
    is "" "$(grep 'gate.*notice' <<<"$output")"
}

@test "C7: another host, user or directory is refused unless that is meant" {
    three_steps
    touch broken
    run -1 "$CPDFLOW" run flow.yaml
    mkdir elsewhere
    run -2 sh -c 'cd elsewhere && exec "$CPDFLOW" resume ../.cpdflow/runs/*'
    says "error[other-directory]" "cd $PWD"
    if unshare -u true 2>/dev/null; then
        run -2 unshare -u sh -c 'hostname elsewhere && exec "$CPDFLOW" resume last'
        says "error[other-host]" "on host" "'elsewhere'"
        rm broken
        run -0 unshare -u sh -c 'hostname elsewhere && exec "$CPDFLOW" resume last --other-host'
        says "notice: goes on on host 'elsewhere', began on '"
    fi
}

# usage: rewrite SED-EXPRESSION   edits the journal as if it had been written so
rewrite() {
    local journal
    journal=$(echo .cpdflow/runs/*/journal.ndjson)
    sed "$1" "$journal" | "$HELPER_DIR/reseal" >edited
    cmp -s edited "$journal" && { echo "nothing to rewrite: $1"; return 1; }
    cat edited >"$journal"
}

notices() {
    jq -r '.notices[]? | "\(.kind): \(.text)"' .cpdflow/runs/*/report.json
}

@test "C7: a machine that was started anew is told in console and report, and nobody is waited for" {
    [ -r /proc/sys/kernel/random/boot_id ] || skip "no boot id here"
    three_steps
    touch broken
    run -1 "$CPDFLOW" run flow.yaml
    is "$(cat /proc/sys/kernel/random/boot_id)" "$(events 'select(.event=="run_started") | .boot')"
    rm broken
    cp -r .cpdflow kept
    run -0 "$CPDFLOW" resume last
    is "" "$(notices)"
    rm -r .cpdflow && mv kept .cpdflow
    rewrite 's/"boot":"[^"]*"/"boot":"00000000-0000-4000-8000-000000000001"/'
    run -0 "$CPDFLOW" resume last
    says "notice: the machine was started anew since then (or is another of the same name): no process of the run is left on it"
    is "new-boot: the machine was started anew since then (or is another of the same name): no process of the run is left on it" "$(notices)"
}

@test "C7: with a machine that was started anew a lease that is held all the same is refused at once" {
    three_steps
    touch broken
    run -1 "$CPDFLOW" run flow.yaml
    rewrite 's/"boot":"[^"]*"/"boot":"00000000-0000-4000-8000-000000000001"/'
    exec 7<.cpdflow/runs/*/lease
    flock -n 7
    # Waiting for holders is made of polls; leaks cannot be looked for under strace.
    if command -v strace >/dev/null; then
        ASAN_OPTIONS=detect_leaks=0 run -75 strace -f -o trace -e trace=poll "$CPDFLOW" resume last
        is 0 "$(grep -c 'poll(NULL, 0, 20)' trace)"
    fi
    run -75 "$CPDFLOW" resume last
    says "error[run-survivors]"
    exec 7<&-
}

# usage: fake_cpdctl DIR VERSION
fake_cpdctl() {
    mkdir -p "$1"
    printf '#!/bin/sh\ncase $1 in version) echo "cpdctl version %s" ;; *) echo "$@ %s" >>log ;; esac\n' "$2" "$2" >"$1/cpdctl"
    chmod +x "$1/cpdctl"
}

@test "C7: another cpdctl than at the beginning is told, with both versions where they are known" {
    fake_cpdctl old 1.4.2
    fake_cpdctl new 1.8.10
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: which, cpdctl: version, output: text}
  - {id: list, cpdctl: space list, reads: true, output: none}
  - {id: gate, cmd: [test, -e, ok]}
END
    PATH=$PWD/old:$PATH run -1 "$CPDFLOW" run flow.yaml
    cp -r .cpdflow kept
    touch ok
    PATH=$PWD/old:$PATH run -0 "$CPDFLOW" resume last
    is "" "$(notices)"
    rm -r .cpdflow && mv kept .cpdflow
    PATH=$PWD/new:$PATH run -0 "$CPDFLOW" resume last
    says "notice: cpdctl is another than when the run began: it was $PWD/old/cpdctl, " " (1.4.2), is $PWD/new/cpdctl, " " (1.8.10)"
    [[ "$(notices)" == "other-cpdctl: "*"(1.4.2), is "*"(1.8.10)" ]]
}

@test "C6: a run that goes on is not resumed" {
    mkfifo gate
    printf 'cpdflow: 1\nsteps:\n  - {id: a, run: "read line <gate"}\n' >slow.yaml
    "$CPDFLOW" run slow.yaml >/dev/null 3>&- &
    pid=$!
    wait_until 5 sh -c 'grep -qs attempt_started .cpdflow/runs/*/journal.ndjson'
    run -75 "$CPDFLOW" resume last
    says "error[run-locked]"
    echo >gate
    wait "$pid"
}

@test "C4: survivors of a crash are named, and nothing is done while they are there" {
    # A grandchild in a session of its own outlives its parents.
    cat >flow.yaml <<'END'
cpdflow: 1
steps:
  - {id: a, reads: true, run: "setsid sh -c 'echo $$ >pid; exec sleep 60' & wait"}
END
    "$CPDFLOW" run flow.yaml >/dev/null 2>&1 3>&- &
    wait_until 5 test -s pid
    kill -9 $!
    wait $! || true
    run -75 "$CPDFLOW" resume last
    says "error[run-survivors]" "$(cat pid) (sleep)" "kill $(cat pid)"
    kill "$(cat pid)"
    wait_until 5 sh -c '! kill -0 $(cat pid) 2>/dev/null'
    sed -i 's/& wait/\&/' flow.yaml
    sed -i 's/sleep 60/true/' flow.yaml
    run -0 "$CPDFLOW" resume last --changed-recipe
}

@test "K4: nothing of the machine's monotonic clock is compared across parts of a run" {
    unshare -T --monotonic 5000 true 2>/dev/null || skip "no time namespaces here"
    three_steps
    touch broken
    run -1 unshare -T --monotonic 5000 --boottime 100000 "$CPDFLOW" run flow.yaml
    rm broken
    run -0 "$CPDFLOW" resume last
    jq -es 'map(.at_ms // 0) | . == sort and .[-1] < 100000' .cpdflow/runs/*/journal.ndjson
    jq -e '.run.duration_ms >= 0 and .run.duration_ms < 100000' .cpdflow/runs/*/report.json
}
