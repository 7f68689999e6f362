# recipes/models/train-and-publish.yaml: from train.py to a deployment.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=models/train-and-publish

@test "train: trained, judged, packaged, stored as a revision, served" {
    cluster
    carry_out
    is 0 "$status"
    is '["mlopsmodel",1,"1"]' "$(state '.models[] | [.metadata.name, .standin.uploads, .entity.custom.content_revision]')"
    is '["p-test-deploy","ready","1"]' "$(state '.deployments[] | [.metadata.name, .entity.status.state, .entity.asset.rev]')"
    is './model.pkl' "$(tar -tzf state/runs/*/model.tar.gz | grep -v '/$')"
    is "$(sha256sum <"$(echo state/runs/*/model.tar.gz)" | cut -d' ' -f1)" "$(state '.models[].entity.custom.content_sha256')"
    changes_nothing
}

@test "train: a new model is a new revision that the deployment goes over to" {
    cluster
    carry_out
    echo '{"mean": 5, "accuracy": 0.95}' >model/config.json
    carry_out
    is 0 "$status"
    is '["mlopsmodel",2,"2"]' "$(state '.models[] | [.metadata.name, .standin.uploads, .entity.custom.content_revision]')"
    is '["2",2]' "$(state '.deployments[] | [.entity.asset.rev, .standin.serving.upload]')"
}

@test "train: a model under its limit is not uploaded" {
    cluster
    echo '{"mean": 5, "accuracy": 0.42}' >model/config.json
    carry_out
    is 1 "$status"
    says 'accuracy' '0.42' '0.8'
    is '[]' "$(calls .)"
}

@test "train: a training that fails shows its last words" {
    cluster
    echo 'import sys; sys.exit("KeyError Risk")' >model/train.py
    carry_out
    fails 1 unknown 'KeyError Risk'
    is '[]' "$(calls .)"
}

@test "train: a training without a model is found before the upload" {
    cluster
    printf 'import os\nd = os.environ["MODEL_DIR"]\nos.makedirs(d)\nopen(d + "/metrics.json", "w").write("{\\"accuracy\\": 1}")\n' >model/train.py
    carry_out
    fails 1 expect 'model/train.py left no model in MODEL_DIR'
}

@test "train: an upload that broke off is done again, never believed" {
    cluster '.faults = [{match: "ml model update", status: 500}]'
    carry_out
    is 1 "$status"
    is 1 "$(state '.models[].standin.uploads')"
    carry_out
    is 0 "$status"
    is '[2,"2"]' "$(state '.models[] | [.standin.uploads, .entity.custom.content_revision]')"
}

@test "train: cleanup deletes exactly what the run created" {
    cluster '.start.spaces = [{id: "33333333-0000-4000-a000-000000000001", name: "p-test-space"}]'
    carry_out --input cleanup=true
    is 0 "$status"
    is '["deployment","model"]' "$(state '[.deleted[].kind]')"
    is 1 "$(state '.spaces | length')"
}

@test "train: replays" {
    replays
}
