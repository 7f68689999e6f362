#!/bin/sh
# usage: build.sh JENKINSFILE N   (in a workspace; cpdctl and curl are those of PATH)
# Plays the chain N times, one build after another in the same workspace, and asks at the end what the cluster holds: objects.json.
# Each build prints what Jenkins would; the last line of it is its result.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jenkinsfile=$1
export PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1
export JAVA_OPTS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1" # it lives for two seconds
n=0
while [ "$n" -lt "$2" ]; do
    n=$((n + 1))
    # A build of a model that somebody trained anew.
    [ "$n" -eq 1 ] || echo "model $n" >notebooks/mlopsmodelpipeline.tar.gz
    groovy "$here/../tools/jenkins.groovy" "$jenkinsfile"
done
curl -skS https://zen-cpd-zen.apps.pwh.ocp.csplab.local/standin/objects -o objects.json
