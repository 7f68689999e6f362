# cpdflow doctor: what a machine lacks, told with fake programs on a PATH of their own.
load common

setup() {
    fresh_folder
    mkdir bin home
    local program
    for program in sh cat sleep; do
        ln -s "$(command -v "$program")" bin/
    done
    program_says cpdctl '1.4.68 (20231030150348)'
    program_says curl 'curl 7.88.1 (x86_64-pc-linux-gnu)'
    export HOME=$PWD/home LC_ALL=C.UTF-8
    unset TMPDIR CPD_CONFIG CPDCONFIG CPD_PROFILE JENKINS_URL BUILD_TAG JENKINS_NODE_COOKIE
}

# usage: doctor ARGUMENTS...   with nothing on PATH but what the test put there
doctor() {
    local env
    env=$(command -v env)
    run "$env" PATH="$PWD/bin" "$CPDFLOW" doctor "$@"
}

program_says() {
    printf '#!/bin/sh\necho "%s"\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

configured() {
    mkdir -p home/.cpdctl
    printf 'users:\nprofiles:\n  dev: {url: https://cpd.example.com}\n' >home/.cpdctl/config
    chmod 600 home/.cpdctl/config
}

@test "a machine that has everything is ready" {
    configured
    doctor
    is 0 "$status"
    says "ok    cpdctl           1.4.68, $PWD/bin/cpdctl" "ok    curl             7.88.1" \
        "ok    configuration    $HOME/.cpdctl/config" "ok    profile          1 in" \
        "ok    state directory  .cpdflow, " "ok    locale           LC_ALL=C.UTF-8" "0 to look at, 0 missing"
    [ ! -e .cpdflow ]
}

@test "what is missing says what to do" {
    rm bin/cpdctl bin/curl
    doctor
    is 4 "$status"
    says "fail  cpdctl           not on PATH" "-> install it from" "warn  curl             cannot be used: it is not on PATH" \
        "warn  configuration    there is no $HOME/.cpdctl/config"
}

@test "a cpdctl that fails, or is something else" {
    printf '#!/bin/sh\nexit 7\n' >bin/cpdctl
    doctor
    is 4 "$status"
    says "does not answer \`version\`: it ended with exit code 7"
    program_says cpdctl 'hello'
    doctor
    is 0 "$status"
    says "warn  cpdctl           $PWD/bin/cpdctl does not say its version"
    program_says cpdctl 'cpdctl version: 1.9.1'
    doctor
    says "1.9.1, $PWD/bin/cpdctl; checked as 1.8"
}

@test "a configuration that others can read, and a profile that is not there" {
    configured
    chmod 644 home/.cpdctl/config
    CPD_PROFILE=prod doctor
    is 4 "$status"
    says "warn  configuration    $HOME/.cpdctl/config can be read by others" "-> chmod 600" \
        "fail  profile          CPD_PROFILE=prod is no profile of"
    printf 'users:\nprofiles:\n' >home/.cpdctl/config
    doctor
    says "has no profile"
}

@test "locale, descriptors, places to write, Jenkins" {
    ulimit -n 100
    LC_ALL=C TMPDIR=/proc/self/nowhere JENKINS_URL=http://ci JENKINS_NODE_COOKIE=dontKillMe \
        doctor --state-dir bin/sh/runs
    is 4 "$status"
    says "warn  locale           LC_ALL=C" "warn  open files       at most 100 at once" \
        "fail  state directory" "-> choose another with --state-dir" "fail  temporary files" \
        "warn  jenkins          a build of Jenkins"
}

@test "a recipe: its programs, its inputs, its calls" {
    cat >r.yaml <<'Y'
cpdflow: 1
inputs: {url: {}, password: {env: PW, secret: true}, stage: {default: dev}}
steps:
  - cpdctl: [space, list, --all-pages]
  - cpdctl: [space, wait, --space-id, "${{ inputs.url }}", --space, x]
    timeout: 1m
  - cmd: [oc, get, pods, "${{ inputs.stage }}"]
  - {run: 'echo "$P"', env: {P: "${{ inputs.password }}"}}
Y
    doctor r.yaml
    is 4 "$status"
    says "fail  program          r calls oc, which is not on PATH" "ok    program          sh, " \
        "warn  calls            r.yaml:5: '--space' of 'space wait' is known since" \
        "warn  inputs           r still needs url, password" "-> --input url=… PW=…"
    ln -s cat bin/oc
    PW=x doctor r.yaml
    is 0 "$status"
    says "r still needs url"
}

@test "a recipe for another cpdctl than the one here" {
    printf 'cpdflow: 1\ncpdctl: {version: "1.8"}\nsteps: [{cpdctl: [space, list]}]\n' >new.yaml
    printf 'cpdflow: 1\nsteps: [{cpdctl: [spaces, list]}]\n' >old.yaml
    doctor new.yaml
    is 4 "$status"
    says "fail  cpdctl           new is written for cpdctl 1.8, this is 1.4.68"
    doctor old.yaml
    is 4 "$status"
    says "fail  calls            old.yaml:2: 'spaces list' is not known since cpdctl 1.0.0" "-> it is 'space list' now"
}

@test "a recipe with errors" {
    printf 'cpdflow: 1\nstepz: []\n' >r.yaml
    doctor r.yaml
    is 2 "$status"
    says "unknown key 'stepz' in a recipe"
}

@test "as JSON" {
    configured
    doctor -o json
    is 'true 1.4.68 ok' "$(jq -r '"\(.ready) \(.cpdctl_version) \(.checks[0].status)"' <<<"$output")"
}

# usage: wrapped VERSION [VALUE]   a recipe whose catalogue of `tool` has --new since 2.0
wrapped() {
    printf 'catalogue 1\nprogram tool\nversions 1.0 2.0\nasks about -v\nget: reads\n  new:bool@2.0\n' >tool.catalogue
    printf 'cpdflow: 1\nname: wraps\ncatalogues: {tool: %s}\nsteps: [{cmd: [tool, get, --new], timeout: 1m}]\n' \
        "${2:-tool.catalogue}" >wraps.yaml
    printf '#!/bin/sh\n[ "$*" = "about -v" ] || exit 9\necho "tool version %s"\n' "$1" >bin/tool
    chmod +x bin/tool
}

@test "a program with a catalogue of its own is asked for its version, and calls are checked for it" {
    configured
    wrapped v2.0.3
    doctor wraps.yaml
    is 0 "$status"
    says 'ok    version          tool 2.0.3' 'ok    calls            wraps fits'
    wrapped 1.0
    doctor wraps.yaml
    says 'ok    version          tool 1.0' "wraps.yaml:4: '--new' of 'get' is known since tool 2.0, the recipe is for 1.0"
    wrapped 1.0 '{file: tool.catalogue, version: "2.0"}'
    printf 'cpdflow: 1\nsteps: [{use: wraps.yaml}]\n' >outer.yaml
    doctor outer.yaml
    is 4 "$status"
    says 'ok    version          tool 1.0' 'fail  version          wraps is written for tool 2.0, this is 1.0'
    wrapped 'not known'
    doctor wraps.yaml
    says 'warn  version          tool about does not say a version' '-> `asks` in its catalogue'
    printf '#!/bin/sh\nexit 9\n' >bin/tool
    doctor wraps.yaml
    says 'tool about does not say a version: it ended with exit code 9'
}
