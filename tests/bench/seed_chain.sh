#!/bin/sh
# What the Jenkinsfile before cpdflow did on a cluster where everything is there already, command for command: lists in table form
# through grep and awk, ids in variables, JSON by echo and python3, no waiting. Its Python SDK calls are curl here.
set -e
space=p-test-space model=mlopsmodel deploy=p-test-deploy
cpdctl config users set qa-user --username=admin --password="$CPD_PASSWORD"
cpdctl config profiles set qa-cluster --user qa-user --url "$URL"
cpdctl config contexts set qa-context --profile qa-cluster
cpdctl config contexts use qa-context
space_id=$(cpdctl spaces list | grep $space | awk '{ print $1}')
spaces=$(cpdctl spaces list | grep $space | awk 'END{print NR}')
[ "$spaces" -eq 1 ] || exit 1
space_id=$(cpdctl spaces list | grep $space | awk '{ print $1}')
models=$(cpdctl wml models list --space-id "$space_id" | grep $model | awk 'END {print NR}')
[ "$models" -eq 1 ] || exit 1
model_id=$(cpdctl wml models list --space-id "$space_id" | grep $model | awk '{ print $1}')
cpdctl wml models upload-content --body model.tar.gz --model-id "$model_id" --content-format binary \
    --space-id "$space_id" --output json >/dev/null
deployments=$(cpdctl wml deployments list --space-id "$space_id" | awk 'NR>1')
[ "$deployments" != "Nothing to show." ] || exit 1
deploy_id=$(cpdctl wml deployments list --space-id "$space_id" | grep $deploy | awk '{print $1}')
deploy_url=$(cpdctl wml deployments get --deployment-id "$deploy_id" --space-id "$space_id" --output yaml | grep http | awk '{print $2}')
provider=$(cpdctl wos service-providers list | awk 'NR>2 {print $1}')
mart=$(cpdctl wos data-marts list | awk 'NR>2{print $1}')
# shellcheck disable=SC2116 # as it was
url=$(echo "$URL/v4/models/$model_id?space_id=$space_id")
echo "{\"asset_id\":\"$model_id\", \"asset_type\":\"model\", \"url\":\"$url\", \"name\": \"$deploy\"}" >asset.json
echo "{\"deployment_id\":\"$deploy_id\", \"url\": \"$deploy_url\", \"service_provider_id\": \"$provider\"}" >deployment.json
find_subscription='import json, sys
found = [x["metadata"]["id"] for x in json.loads(sys.argv[1])["subscriptions"] if x["entity"]["deployment"]["name"] == sys.argv[2]]
print(found[0] if len(found) == 1 else None)'
subscription=$(python3 -c "$find_subscription" "$(cpdctl wos subscriptions list --output json)" $deploy)
[ "$subscription" != None ] || exit 1
values=$(awk -F"," 'NR>1500{ print $0 }' feedback.csv | rev | cut -c 3- | rev | awk '{printf t "["$0"]"}{t=", "}')
python3 -c 'import json, sys; json.loads(sys.argv[1])' "{\"values\":[$values]}"
monitor=$(cpdctl wos monitors instances list | awk 'NR==3{print $1}')
cpdctl wos monitors runs add --monitor-instance-id "$(cpdctl wos monitors instances list | awk 'NR==3{print $1}')" >/dev/null
cpdctl wos monitors runs get \
    --monitoring-run-id "$(cpdctl wos monitors runs list --monitor-instance-id "$(cpdctl wos monitors instances list | awk 'NR==3{print $1}')" | awk 'NR==3{print $1}')" \
    --monitor-instance-id "$monitor" --output yaml >/dev/null
: "$mart"
