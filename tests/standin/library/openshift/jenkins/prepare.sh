#!/bin/sh
# usage: prepare.sh URL
# The login of oc: where the cluster is.
printf '{"clusters": [{"cluster": {"server": "%s"}}]}\n' "$1" >kubeconfig
