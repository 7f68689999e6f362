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
    export JENKINS_SERVER_COOKIE=durable-1 JENKINS_NODE_COOKIE=n BUILD_ID=7 RUNNER_TRACKING_ID=r TRACEPARENT=00-1
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
    for bad in '"*"' A=B '"A*B"' '""'; do
        shows_its_environment "pass_env: [$bad]"
        run -2 "$CPDFLOW" check flow.yaml
        says 'cannot be the name of an environment variable'
    done
}

@test "X9: the documented list is the one of the program" {
    local name missing=
    while read -r name; do
        grep -qF "\`$name\`" "$top/recipes/README.md" || missing+=" $name"
    done < <(sed -n '/^const struct child_env_group/,/^};/p' "$top/src/recipe/child_env.c" |
        grep -oE '[A-Za-z_]+[_A-Z]\*?' | grep -xE '[A-Z_]{3,}\*?|[a-z]+_proxy' | sort -u)
    is '' "$missing"
}
