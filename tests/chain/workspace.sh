#!/bin/sh
# usage: workspace.sh DIR   what the chain finds in its repository; of the rows behind line 1500, which it sends, eight
set -eu
mkdir -p "$1/notebooks"
"$(dirname "$0")/../standin/make-inputs.sh" "$1/notebooks"
rm "$1/notebooks/model.tar.gz"
echo "model 1" >"$1/notebooks/mlopsmodelpipeline.tar.gz" # the stand-in looks at its bytes only
head -n 1508 "$1/notebooks/feedback.csv" >"$1/notebooks/datawoprob.csv"
rm "$1/notebooks/feedback.csv"
