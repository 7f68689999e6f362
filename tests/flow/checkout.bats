# What git does to the files on their way to a user: nothing.

load common

@test "checkout: with core.autocrlf=true every file has the bytes of the repository, and a fixture replays" {
    git -C "$top" rev-parse HEAD >/dev/null 2>&1 || skip "no git repository here"
    git clone -q -c core.autocrlf=true "$top" copy
    is '' "$(git -C copy ls-files --eol | awk '{ sub("i/", "", $1); sub("w/", "", $2) } $1 != $2')"
    is '' "$(git -C copy status --porcelain)"
    "$top/tests/standin/make-inputs.sh" .
    run "$CPDFLOW" run copy/recipes/mlops.yaml --replay copy/fixtures/pipeline/E02 --state-dir state \
        --input model_archive=model.tar.gz --input asset_properties_file=asset_properties.json \
        --input configurations_file=configurations.json --input feedback_csv=feedback.csv --input poll_every=500ms
    [ "$status" -eq 0 ]
}
