#!/usr/bin/env bats
# The Jenkinsfile, played by tests/tools/jenkins.groovy with a cpdflow that notes how it was called and
# ends as it is told to.

load common

setup() {
    fresh_folder
    mkdir bin
    cat >bin/cpdflow <<'SH'
#!/bin/sh
if [ "$1" = check ]; then
    printf '%s\n' "$@" >checked
    echo '{"issues": []}'
    exit
fi
printf '%s\n' "$@" >called
printf '%s %s\n' "$CPD_USERNAME" "$CPD_PASSWORD" >credentials
printf 'space_id = 1\n' >report/outputs.properties
exit "$EXIT"
SH
    chmod +x bin/cpdflow
    PATH=$PWD/bin:$PATH
}

# usage: build EXIT_OF_CPDFLOW NAME=VALUE...
build() {
    export EXIT=$1
    shift
    run groovy "$top/tests/tools/jenkins.groovy" "$top/Jenkinsfile" "$@"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "status 0 is success, 3 is unstable, everything else fails the build" {
    build 0
    [[ "$output" == *"result: SUCCESS" ]]
    build 3
    [[ "$output" == *"result: UNSTABLE" ]]
    for code in 1 2 4 5 75 143; do
        build $code
        [[ "$output" == *"cpdflow ended with status $code"*"result: FAILURE" ]]
    done
}

@test "the reports are kept whatever the status" {
    for code in 0 1 3; do
        build $code
        [[ "$output" == *"pipeline post always: archiveArtifacts [[artifacts:report/**"* ]]
        [[ "$output" == *"pipeline post always: junit [[testResults:report/junit.xml"* ]]
        [[ "$output" == *"pipeline post always: publishHTML "*"reportDir:report/html, reportFiles:index.html"* ]]
        grep -qx 'junit=report/junit.xml' called
        grep -qx 'html=report/html' called
        grep -qx 'json=report/report.json' called
    done
}

@test "the recipe is checked first, and what was found is recorded" {
    build 0
    is "check --format warnings-ng recipes/mlops.yaml" "$(paste -sd' ' checked)"
    [[ "$output" == *"recordIssues "*"pattern:report/check.json"* ]]
    is '{"issues": []}' "$(cat report/check.json)"
}

@test "the password travels in the environment and appears nowhere else" {
    build 0
    [ "$(cat credentials)" = "user s3cret-pass" ]
    grep -qx username=user called
    [[ "$(<called)" != *s3cret-pass* ]]
    [[ "$output" != *s3cret-pass* ]]
}

@test "inputs reach cpdflow as they were typed, whatever they hold" {
    # shellcheck disable=SC2016 # as it stands
    build 0 'INPUTS=space_name: "a b; $(touch pwned) `touch pwned`"' 'RECIPE=recipes/other one.yaml'
    # shellcheck disable=SC2016
    is 'space_name: "a b; $(touch pwned) `touch pwned`"' "$(cat report/inputs.yaml)"
    grep -qFx 'report/inputs.yaml' called
    grep -qFx 'recipes/other one.yaml' called
    [ ! -e pwned ]
}

@test "cpdflow takes the shell's place, so that signals of Jenkins reach it" {
    build 0
    [[ "$output" == *"sh: + exec cpdflow run recipes/mlops.yaml "* ]]
}

@test "after the loss of an agent the build's own run is resumed" {
    sed "s|/var/lib/cpdflow|$PWD/state|" "$top/Jenkinsfile" >Jenkinsfile
    mkdir -p state/runs/20260131-090500-jenkins-publish-model-6
    EXIT=0 groovy "$top/tests/tools/jenkins.groovy" Jenkinsfile
    is run "$(head -n 1 called)"
    mkdir -p state/runs/20260131-090500-jenkins-publish-model-7
    EXIT=0 groovy "$top/tests/tools/jenkins.groovy" Jenkinsfile
    is "resume jenkins-publish-model-7 --other-host --state-dir $PWD/state" "$(head -n 5 called | paste -sd' ')"
    grep -qx 'junit=report/junit.xml' called
}

@test "every input that it passes is one of the recipe" {
    build 0
    "$CPDFLOW" extract yaml -r -q 'keys(@)[]' -o lines report/inputs.yaml >inputs
    echo username >>inputs
    [ "$(wc -l <inputs)" -gt 2 ]
    while read -r input; do
        sed -n '/^inputs:/,/^[a-z]/p' "$top/recipes/mlops.yaml" | grep -q "^  $input:" ||
            { echo "recipes/mlops.yaml has no input $input"; return 1; }
    done <inputs
}
