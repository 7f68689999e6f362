# recipes/openshift/jenkins.yaml: Jenkins from its template.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=openshift/jenkins

@test "jenkins on openshift: all of the template is made, pods and route are waited for; again nothing is" {
    cluster
    carry_out
    is 0 "$status"
    is '["DeploymentConfig jenkins","PersistentVolumeClaim jenkins","Pod jenkins-1-x7k2p","Project cicd","Route jenkins","Service jenkins","ServiceAccount jenkins"]' \
        "$(state '[.openshift[] | "\(.kind) \(.metadata.name)"] | sort')"
    is 2Gi "$(state '.openshift[] | select(.kind == "DeploymentConfig").spec.template.spec.containers[0].resources.limits.memory')"
    is https://jenkins-cicd.apps.example.com "$(reports .outputs.url)"
    is 6 "$(writes | wc -l)"
    changes_nothing
}

@test "jenkins on openshift: an image that cannot be pulled fails with its reason, and what is there is kept" {
    cluster '.outcomes.pod = {state: "ImagePullBackOff", message: "Back-off pulling image \"jenkins:2\""}'
    carry_out
    fails 1 expect 'ImagePullBackOff Back-off pulling image'
    is 7 "$(state '.openshift | length')"
}

@test "jenkins on openshift: a container that keeps ending fails at once" {
    cluster '.outcomes.pod = {state: "CrashLoopBackOff", message: "back-off 5m0s restarting failed container"}'
    carry_out
    fails 1 expect CrashLoopBackOff
}

@test "jenkins on openshift: a pod that does not come is a deadline" {
    cluster '.durations.pod = 1000000'
    carry_out --input wait_timeout=400ms
    fails 5 timeout ContainerCreating
}

@test "jenkins on openshift: a run that broke off goes on" {
    cluster '.faults = [{match: "oc create *", nth: 3, stderr: "Error from server (Forbidden): deploymentconfigs is forbidden"}]'
    carry_out
    is 1 "$status"
    carry_out
    is 0 "$status"
    is 7 "$(state '.openshift | length')"
}

@test "jenkins on openshift: not logged in stops at the first call" {
    cluster '.options.auth = "refuse"'
    carry_out
    fails 1 auth 'You must be logged in to the server'
    is 1 "$(calls length)"
}

@test "jenkins on openshift: a template or parameter that does not exist is named with those that do" {
    cluster
    carry_out --input template=jenkins
    fails 1 not_found "there is no template 'jenkins' in project 'openshift'; it has: jenkins-persistent"
    carry_out --input parameters='{"MEMORY": "2Gi"}'
    fails 1 usage 'the template has no parameter MEMORY' 'MEMORY_LIMIT'
    is '' "$(writes)"
}

@test "jenkins on openshift: replays" {
    replays
}
