#!/usr/bin/env bats
# docker/ci and docker/jenkins: the examples fit the schemas of who reads them, their commands run as they stand,
# and every input that they pass is one of the recipe.

load common

setup() {
    fresh_folder
    mkdir bin
    cat >bin/cpdflow <<'SH'
#!/bin/sh
printf '%s\n' "$@" >called
SH
    chmod +x bin/cpdflow
    ln -s "$top/recipes" recipes
}

tools_or_skip() {
    [ -d "$top/tests/tools/node_modules/ajv" ] || skip "tests/tools is not installed"
}

# usage: play COMMANDS VARIABLE=VALUE...   runs them as a CI system would, with a cpdflow that notes its arguments
play() {
    local commands=$1
    shift
    env PATH="$PWD/bin:$PATH" "$@" sh -e -c "$commands"
    awk 'previous == "--input" { sub(/=.*/, ""); print } { previous = $0 }' called >inputs
    [ -s inputs ]
    while read -r input; do
        sed -n '/^inputs:/,/^[a-z]/p' "$top/recipes/mlops.yaml" | grep -q "^  $input:" ||
            { echo "recipes/mlops.yaml has no input $input"; return 1; }
    done <inputs
}

@test "the GitHub workflow fits GitHub's schema" {
    tools_or_skip
    run node "$top/tests/tools/node_modules/@action-validator/cli/cli.mjs" "$top/docker/ci/github.yml"
    echo "$output"
    [ "$status" -eq 0 ]
    sed 's/runs-on/run-on/' "$top/docker/ci/github.yml" >wrong.yml
    run node "$top/tests/tools/node_modules/@action-validator/cli/cli.mjs" wrong.yml
    [ "$status" -ne 0 ]
}

@test "the GitLab job fits GitLab's schema" {
    tools_or_skip
    "$CPDFLOW" extract yaml "$top/docker/ci/gitlab.yml" >pipeline.json
    node "$top/tests/tools/gitlab.mjs" pipeline.json
    "$CPDFLOW" eval 'merge(@, {publish: merge(publish, {scripts: publish.script})})' pipeline.json >wrong.json
    run node "$top/tests/tools/gitlab.mjs" wrong.json
    [ "$status" -eq 1 ]
}

@test "GitHub: what the job runs passes values as single arguments" {
    commands=$("$CPDFLOW" extract yaml -r -q "jobs.publish.steps[?name == 'Publish the model'] | one(@).run" \
        "$top/docker/ci/github.yml")
    play "$commands" CPD_URL=https://cpd.example CPD_USERNAME=me SPACE_NAME='a b"; touch pwned' ACCURACY_LIMIT=0.9 \
        GITHUB_STEP_SUMMARY=summary.md
    grep -qFx 'space_name=a b"; touch pwned' called
    grep -qFx 'markdown=summary.md' called
    [ ! -e pwned ]
}

@test "GitLab: what the job runs passes values as single arguments" {
    commands=$("$CPDFLOW" extract yaml -r -q "publish.script | one(@)" "$top/docker/ci/gitlab.yml")
    play "$commands" CPD_URL=https://cpd.example CPD_USERNAME=me SPACE_NAME='a b' ACCURACY_LIMIT=0.9
    grep -qFx 'space_name=a b' called
}

@test "the pod has an init, no privileges, and state that outlives it" {
    "$CPDFLOW" extract yaml "$top/docker/jenkins/pod.yaml" >pod.json
    run "$CPDFLOW" eval -r "spec.containers[0].command | join(' ', @)" pod.json
    is "tini -- sleep infinity" "$output"
    "$CPDFLOW" eval 'spec.securityContext.runAsNonRoot && !spec.containers[0].securityContext.allowPrivilegeEscalation' pod.json
    claim=$("$CPDFLOW" eval -r 'spec.volumes[0].persistentVolumeClaim.claimName' pod.json)
    is "$claim" "$("$CPDFLOW" extract yaml -r -q metadata.name "$top/docker/jenkins/state.yaml")"
    mount=$("$CPDFLOW" eval -r 'spec.containers[0].volumeMounts[0].mountPath' pod.json)
    grep -q "$mount" "$top/Jenkinsfile"
}

@test "Configuration as Code: the cloud is the one that agents ask for, and no secret stands in it" {
    "$CPDFLOW" extract yaml "$top/docker/jenkins/casc.yaml" >casc.json
    is kubernetes "$("$CPDFLOW" eval -r 'jenkins.clouds[0].kubernetes.name' casc.json)"
    # shellcheck disable=SC2016 # Jenkins fills it in
    is '${CPD_PASSWORD}' "$("$CPDFLOW" eval -r \
        'credentials.system.domainCredentials[0].credentials[0].usernamePassword.password' casc.json)"
    grep -q "credentialsId: params.CPD_CREDENTIALS" "$top/Jenkinsfile"
    is cpd "$("$CPDFLOW" eval -r 'credentials.system.domainCredentials[0].credentials[0].usernamePassword.id' casc.json)"
    "$CPDFLOW" eval -r 'jobs[0].script' casc.json >job.groovy
    command -v groovy >/dev/null || skip "no groovy here"
    groovy -e 'new GroovyShell().parse(new File("job.groovy"))'
}

@test "every plugin whose step the Jenkinsfile uses is listed" {
    for step_of in withCredentials:credentials-binding junit:junit publishHTML:htmlpublisher \
        recordIssues:warnings-ng readProperties:pipeline-utility-steps kubernetes:kubernetes; do
        grep -q "${step_of%%:*}" "$top/Jenkinsfile" || { echo "not used: ${step_of%%:*}"; return 1; }
        grep -qx "${step_of#*:}" "$top/docker/jenkins/plugins.txt"
    done
}
