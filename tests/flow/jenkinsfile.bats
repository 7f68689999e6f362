#!/usr/bin/env bats
# The Jenkinsfile, played by tests/tools/jenkins.groovy with a cpdflow that notes how it was called and
# ends as it is told to.

load common

setup() {
    fresh_folder
    mkdir bin
    cat >bin/cpdflow <<'SH'
#!/bin/sh
printf '%s\n' "$@" >called
printf '%s %s\n' "$CPD_USERNAME" "$CPD_PASSWORD" >credentials
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

@test "the reports are archived whatever the status" {
    for code in 0 1 3; do
        build $code
        [[ "$output" == *"pipeline post always: archiveArtifacts [[artifacts:report/**"* ]]
        [[ "$output" == *"pipeline post always: junit [[testResults:report/junit.xml"* ]]
        grep -qx 'json=report/report.json' called
        grep -qx 'junit=report/junit.xml' called
    done
}

@test "the password travels in the environment and appears nowhere else" {
    build 0
    [ "$(cat credentials)" = "user s3cret-pass" ]
    grep -qx username=user called
    [[ "$(<called)" != *s3cret-pass* ]]
    [[ "$output" != *s3cret-pass* ]]
}

@test "a parameter is one argument, however it looks" {
    # shellcheck disable=SC2016 # as it stands
    build 0 'SPACE_NAME=a b"; touch pwned; $(touch pwned) `touch pwned`'
    # shellcheck disable=SC2016
    grep -qFx 'space_name=a b"; touch pwned; $(touch pwned) `touch pwned`' called
    [ ! -e pwned ]
}

@test "cpdflow takes the shell's place, so that signals of Jenkins reach it" {
    build 0
    [[ "$output" == *"sh: + exec cpdflow run recipes/mlops.yaml "* ]]
}

@test "every input that it passes is one of the recipe" {
    [ -e "$top/recipes/mlops.yaml" ] || skip "no recipes/mlops.yaml in this tree yet"
    build 0
    awk 'previous == "--input" { sub(/=.*/, ""); print } { previous = $0 }' called >inputs
    [ -s inputs ]
    while read -r input; do
        sed -n '/^inputs:/,/^[a-z]/p' "$top/recipes/mlops.yaml" | grep -q "^  $input:" ||
            { echo "recipes/mlops.yaml has no input $input"; return 1; }
    done <inputs
}
