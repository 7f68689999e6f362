# recipes/models/score.yaml: a data asset of a CSV file, scored with a deployment.
# shellcheck disable=SC2034 # recipe is for library.bash

load common
load standin
load library

recipe=models/score

@test "score: one asset of the file, all rows scored, the answers judged" {
    cluster
    carry_out
    is 0 "$status"
    is '["training_data.csv","data_asset",1]' "$(state '.assets[] | select(.standin.origin == "created")
        | [.metadata.name, .metadata.asset_type, (.metadata.tags | length)]')"
    is '[3,3,3,3,3,3,3,3,3,3]' "$(reports .outputs.predictions)"
    is '0.8 0.7 ok' "$(reports '.metrics[] | select(.name == "accuracy") | "\(.value) \(.lower_limit) \(.verdict)"')"
    local before
    before=$(writes | grep -v predictions)
    carry_out
    is 0 "$status"
    is "$before" "$(writes | grep -v predictions)"
}

@test "score: another content is another asset, beside the first" {
    cluster
    carry_out
    echo '1,1,1,1,3' >>training_data.csv
    carry_out
    is 0 "$status"
    is 2 "$(state '[.assets[] | select(.metadata.name == "training_data.csv")] | length')"
}

@test "score: the index column of a data frame is found before the cluster is touched" {
    cluster
    printf ',f0,target\n0,1.5,3\n' >training_data.csv
    carry_out
    fails 1 expect 'column "" of training_data.csv looks like the index of a data frame: write it with to_csv(…, index=False)'
    printf 'Unnamed: 0,f0,target\n0,1.5,3\n' >training_data.csv
    carry_out
    fails 1 expect 'column "Unnamed: 0"'
    is '[]' "$(calls .)"
}

@test "score: a feature that is missing is named" {
    cluster
    carry_out --input columns='["f0", "f9"]'
    fails 1 expect 'training_data.csv has no column f9; it has f0, f1, f2, f3, target'
}

@test "score: too many wrong answers are unstable" {
    cluster
    carry_out --input accuracy_limit=0.81
    is 3 "$status"
    says 'accuracy' '0.81'
}

@test "score: a deployment of a similar name is not taken" {
    cluster
    carry_out --input deployment=p-test-deploy-3
    fails 1 not_found "no deployment named 'p-test-deploy-3'; there are: p-test-deploy, p-test-deploy-2"
}

@test "score: an answer of another form is no success" {
    cluster
    carry_out --input prediction_field=label
    fails 1 output "the answer has no field 'label' (prediction_field); it has prediction, probability"
}

@test "score: replays" {
    replays
}
