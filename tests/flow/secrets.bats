#!/usr/bin/env bats
# What children are given, and what a run leaves of a secret: nothing, in any form.

bats_require_minimum_version 1.5.0
load common

# The variables that the child of a recipe with one step saw: names, one a line, without what a shell sets itself.
seen() {
    "$CPDFLOW" run "$@" flow.yaml >shown || { cat shown; return 1; }
    cut -d= -f1 <names | sort
}

shows_its_environment() {
    printf 'cpdflow: 1\n%b\nsteps:\n  - id: a\n    cmd: [sh, -c, "env -0 | cut -z -d= -f1 | tr \\"\\\\0\\" \\"\\\\n\\" | grep -vxE \\"PWD|OLDPWD|_|SHLVL\\" >names"]\n    output: none\n' \
        "${1:-name: shows}" >flow.yaml
}

@test "X9: a child sees the short list, what is declared and what is passed, nothing else" {
    export MINE=1 GITX_BRANCH=main GITX_URL=x JOB_NAME=j AWS_SECRET_ACCESS_KEY=k CPD_PASSWORD=undeclared LD_PRELOAD=
    export https_proxy=http://proxy HTTPS_PROXY=http://proxy XDG_CACHE_HOME=/tmp LC_TIME=C CPDCTL_CACHE_PATH=/tmp
    export JENKINS_SERVER_COOKIE=durable-1 BUILD_ID=7 RUNNER_TRACKING_ID=r TRACEPARENT=00-1
    shows_its_environment
    seen >list
    for name in PATH https_proxy HTTPS_PROXY XDG_CACHE_HOME LC_TIME CPDCTL_CACHE_PATH JENKINS_SERVER_COOKIE \
        JENKINS_NODE_COOKIE BUILD_ID RUNNER_TRACKING_ID TRACEPARENT; do
        grep -qx "$name" list || { echo "$name is missing"; return 1; }
    done
    run -1 grep -xE 'MINE|GITX_.*|JOB_NAME|AWS_.*|CPD_PASSWORD|LD_PRELOAD|BATS_.*' list

    shows_its_environment "pass_env: [MINE, 'GITX_*']\nenv: {JOB: '\${{ env.JOB_NAME }}'}"
    seen >list
    is 'GITX_BRANCH GITX_URL JOB MINE' "$(grep -xE 'MINE|GITX_.*|JOB.*|AWS_.*' list | tr '\n' ' ' | sed 's/ $//')"

    shows_its_environment
    seen --pass-env MINE --pass-env 'GITX_U*' >list
    is 'GITX_URL MINE' "$(grep -xE 'MINE|GITX_.*|JOB.*|AWS_.*' list | tr '\n' ' ' | sed 's/ $//')"
}

@test "X9: what feeds a secret input passes under no name; names that cannot be are refused" {
    export DEMO_TOKEN=t0ken-of-mine
    shows_its_environment "inputs: {token: {secret: true, env: DEMO_TOKEN}}\npass_env: [DEMO_TOKEN, 'DEMO_*']\nenv: {TOKEN: '\${{ inputs.token }}'}"
    seen --pass-env 'DEMO*' >list
    grep -qx TOKEN list
    run -1 grep DEMO list
    CPDFLOW_RUN_INPUT=token=t0ken-of-mine CPDFLOW_COLOR=never seen >list
    is CPDFLOW_COLOR "$(grep -xE 'CPDFLOW_(COLOR|RUN_INPUT)' list)"
    for bad in '"*"' A=B '"A*B"' '""'; do
        shows_its_environment "pass_env: [$bad]"
        run -2 "$CPDFLOW" check flow.yaml
        says 'cannot be the name of an environment variable'
    done
}

@test "X9: what feeds a secret input of a recipe that is used passes neither to it nor around it" {
    export DEMO_TOKEN=t0ken-of-mine DEMO_OTHER=1
    shows_its_environment "inputs: {token: {secret: true, env: DEMO_TOKEN}}"
    mv flow.yaml inner.yaml
    printf "cpdflow: 1\npass_env: ['DEMO_*']\nsteps:\n- {id: u, use: inner.yaml, with: {token: other-t0ken}}\n" >flow.yaml
    is DEMO_OTHER "$(seen | grep DEMO)"
}

@test "X9: the documented list is the one of the program" {
    local name missing=
    while read -r name; do
        grep -qF "\`$name\`" "$top/recipes/README.md" || missing+=" $name"
    done < <(sed -n '/^const struct child_env_group/,/^};/p' "$top/src/recipe/child_env.c" |
        grep -oE '[A-Za-z_]+[_A-Z]\*?' | grep -xE '[A-Z_]{3,}\*?|[a-z]+_proxy' | sort -u)
    is '' "$missing"
}

@test "X6: neither cpdflow nor its children leave a core file" {
    printf 'cpdflow: 1\nsteps:\n  - id: a\n    cmd: [sh, -c, "ulimit -Sc; grep core /proc/$PPID/limits"]\n    output: text\n    outputs: {text: "@"}\n' >flow.yaml
    (ulimit -c unlimited 2>/dev/null || true; "$CPDFLOW" run flow.yaml --report json=report.json)
    jq -r '.steps[0].outputs.text' report.json >limits
    is 0 "$(head -1 limits)"
    is 'Max core file size 0' "$(awk '/core/ { print $1, $2, $3, $4, $5 }' limits)"
}

@test "X7: whatever the umask, all is for the owner alone, and nothing is written through a link" {
    cat >flow.yaml <<'END'
cpdflow: 1
inputs: {key: {secret: true, default: canary-key-1}}
steps:
  - id: a
    cmd: [sh, -c, 'echo out; echo err >&2; cat "$1"; stat -c %a "$1"', sh, {secret_file: "${{ inputs.key }}"}]
    output: text
    outputs: {text: "@"}
END
    for mask in 0 022 077; do
        rm -rf .cpdflow report.json
        (umask $mask; "$CPDFLOW" run flow.yaml --report json=report.json >/dev/null) || return 1
        is '' "$(find .cpdflow/runs/* report.json -perm /077)"
        jq -e '.steps[0].outputs.text | test("600")' report.json
    done
    is '' "$(find .cpdflow -type d ! -perm 700)"
    is '' "$(find .cpdflow -type f ! -perm 600)"
}

@test "X4: a secret that is too short or empty is not masked, and said to be" {
    printf 'cpdflow: 1\ninputs: {pin: {secret: true}}\nsteps:\n  - id: a\n    cmd: [echo, a 12 b]\n    output: text\n' >flow.yaml
    for pin in 12 ''; do
        run -0 "$CPDFLOW" run flow.yaml --input "pin=$pin" -v
        says 'warning[short-secret]' "input 'pin' is" 'a 12 b'
    done
}

@test "X1: each member of a secret object is a secret, in every report" {
    printf 'cpdflow: 1\ninputs: {login: {type: object, secret: true}}\nsteps:\n  - id: a\n    cmd: [echo, "${{ inputs.login.user }}-${{ inputs.login.list[0] }}"]\n    output: text\n' >flow.yaml
    run -0 "$CPDFLOW" run flow.yaml --input 'login={"user": "canary-user", "list": ["canary-item"], "on": true}' -vv
    [[ "$output" != *canary* ]]
    says '***-***'
}

# usage: forms SECRET [core]   the forms of it that other programs write, one a line; core: of base64 what neighbours do not touch
forms() {
    local pad whole
    printf '%s\n' "$1"
    for pad in '' x xx user:; do
        whole=$(printf '%s%s' "$pad" "$1" | base64 -w0)
        [ -z "${2:-}" ] || whole=$(sed "s/^.\{$(((${#pad} * 8 + 5) / 6))\}//; s/..=*\$//" <<<"$whole")
        printf '%s\n' "$whole"
        tr '+/' '-_' <<<"$whole"
    done
    printf '%s' "$1" | od -An -tx1 | tr -d ' \n'
    echo
    jq -nr --arg s "$1" '($s | @uri), ($s | @uri | gsub("%(?<h>..)"; "%" + (.h | ascii_downcase))), ($s | @uri | gsub("%20"; "+")),
        ($s | @html), ($s | @json | .[1:-1]), ($s | @json | @json | .[3:-3]), ($s | @sh | .[1:-1])'
    printf '%q\n' "$1"
}

# usage: nothing_of SECRET FILE…   no byte of these files, and of those below these folders, is a form of it
nothing_of() {
    forms "$1" core | sort -u >"$BATS_TEST_TMPDIR/forms"
    [ "$(grep -c '' "$BATS_TEST_TMPDIR/forms")" -gt 10 ]
    shift
    run grep -raoF -f "$BATS_TEST_TMPDIR/forms" "$@"
    [ "$status" -eq 1 ] || { echo "found: $output"; return 1; }
}

canary_recipe() {
    cat >flow.yaml <<'END'
cpdflow: 1
name: canary
inputs:
  password: {type: string, secret: true, env: CANARY}
env: {SHOWN: "${{ inputs.password }}"}
vars: {derived: "${{ join('', ['user:', inputs.password]) }}"}
steps:
  - id: every_form
    cmd: [sh, -c, 'cat every_form >&2; cat every_form']
    output: text
    outputs: {text: "@", joined: "join(':', ['a', @])"}
  - id: as_json
    cmd: [jq, -n, '{plain: env.SHOWN, list: [env.SHOWN], key: {(env.SHOWN): 1}}']
    output: json
    outputs: {all: "@", keys: "keys(key)"}
  - id: in_pieces
    cmd: [sh, -c, 'printf "%s" "$SHOWN" | while IFS= read -r -n1 c; do printf "%s" "$c"; done; dd if=/dev/zero bs=65530 count=1 2>/dev/null | tr "\0" x; echo "$SHOWN"']
    output: text
  - id: argument
    name: "step of ${{ inputs.password }}"
    cmd: [echo, "--password=${{ vars.derived }}", "${{ base64(vars.derived) }}"]
    output: text
  - id: refuses
    cmd: [sh, -c, 'echo "$SHOWN"; exit 3']
    allow_failure: true
  - id: retried
    cmd: [sh, -c, 'echo "cannot log in as $SHOWN" >&2; cat every_form; exit 1']
    reads: true
    retry: {attempts: 2, delay: 1ms, on: [unknown]}
    expect: [{that: "false", message: "saw ${{ inputs.password }}"}]
END
}

@test "X8: no form of a secret is in any byte that a run leaves: files, reports, tapes, output, after a crash too" {
    export CANARY='kAn4ry/+&Of "mine"'"'"'s <1>'
    export TMPDIR=$PWD/temporary
    mkdir temporary
    canary_recipe
    sed -i '/^    name: /d; /allow_failure/d; /id: refuses/,/exit 3/d' flow.yaml
    forms "$CANARY" >every_form
    for options in "" "-vv" "--output json -vv" "--record tape"; do
        rm -rf .cpdflow tape
        # shellcheck disable=SC2086 # options
        run "$CPDFLOW" run flow.yaml $options --report json=r.json --report junit=r.xml --report markdown=r.md --report html=r.html
        [ "$status" -eq 1 ] || { echo "$output"; return 1; }
        printf '%s\n' "$output" >shown
        grep -q every_form shown r.xml r.md
        nothing_of "$CANARY" .cpdflow shown r.json r.xml r.md r.html temporary "$(ls -d tape 2>/dev/null || echo shown)"
    done
}

@test "X8: a secret that env hands down to a recipe that is used is none of what a run leaves" {
    export CANARY='kAn4ry/+&Of "mine"'"'"'s <1>'
    printf 'cpdflow: 1\nsteps:\n- {id: a, cmd: [sh, -c, "printf %%s \\"$SHOWN\\" | wc -c; echo \\"$SHOWN\\" >&2"]}\n' >inner.yaml
    printf '%s\n' 'cpdflow: 1' 'inputs: {password: {secret: true, env: CANARY}}' 'steps:' \
        '- {id: u, use: inner.yaml, env: {SHOWN: "${{ inputs.password }}"}}' >flow.yaml
    run -0 "$CPDFLOW" run flow.yaml -vv --record tape --report json=r.json
    printf '%s\n' "$output" >shown
    is "${#CANARY}" "$(cat tape/*.stdout 2>/dev/null || grep -h 'stdout:' tape/*.yaml | grep -o '[0-9]*')"
    nothing_of "$CANARY" .cpdflow shown r.json tape
}

@test "X8: a run that is killed leaves nothing of a secret either" {
    export CANARY='kAn4ry/+&Of "mine"'"'"'s <1>'
    canary_recipe
    sed -i '/id: argument/,$d' flow.yaml
    printf '  - id: last\n    cmd: [sh, -c, "cat every_form; touch there; exec sleep 1000"]\n' >>flow.yaml
    forms "$CANARY" >every_form
    "$CPDFLOW" run flow.yaml -vv >shown 2>&1 &
    wait_until 20 test -e there
    kill -KILL $!
    wait $! || true
    nothing_of "$CANARY" .cpdflow shown
}

@test "X5: check warns of a secret in an argument, not of one in env, stdin or a private file" {
    printf 'cpdflow: 1\ninputs: {key: {secret: true}}\nsteps:\n  - id: a\n    cmd: [login, --key, "${{ inputs.key }}"]\n' >flow.yaml
    run "$CPDFLOW" check flow.yaml
    says 'warning[secret-argument]'
    printf 'cpdflow: 1\ninputs: {key: {secret: true}}\nsteps:\n  - id: a\n    cmd: [login, {secret_file: "${{ inputs.key }}"}]\n    env: {KEY: "${{ inputs.key }}"}\n    stdin: "${{ inputs.key }}"\n' >flow.yaml
    run "$CPDFLOW" check flow.yaml
    [[ "$output" != *secret-argument* ]]
}
