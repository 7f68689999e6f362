#!/bin/sh
# usage: meanwhile.sh URL [STATE]
# Somebody who approves (or rejects) the model as soon as it is in the test space.
set -eu
url=$1
decision=${2:-approved}
body=$(jq -cn --arg password "$CPD_PASSWORD" '{username: "admin", password: $password}')
token=$(curl -sS "$url/icp4d-api/v1/authorize" -H 'Content-Type: application/json' -d "$body" | jq -r .token)
model=
until [ -n "$model" ]; do
    sleep 0.05
    model=$(curl -sS "$url/standin/state" | jq -r '(.spaces[] | select(.entity.name == "uat").metadata.id) as $space
        | if any(.deployments[]; .metadata.space_id == $space and .entity.status.state == "ready")
          then .models[] | select(.metadata.space_id == $space) | "\(.metadata.id)?space_id=\($space)" else empty end')
done
patch=$(curl -sS "$url/standin/state" | jq -c --arg state "$decision" '[{op: "add", path: "/custom/approval", value:
    {state: $state, space: "prod", sha256: .models[0].entity.custom.content_sha256, by: "jane"}}]')
curl -sS -X PATCH "$url/ml/v4/models/$model" -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' -d "$patch" >approval.json
