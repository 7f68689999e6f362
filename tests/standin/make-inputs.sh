#!/bin/sh
# usage: make-inputs.sh DIR
# Makes what the MLOps recipes read: a model archive, the asset properties of the subscription, its
# configuration as a JSON Patch operation, and labelled rows in the shape of the digits data set (64
# features, target, prediction; the same every time) to serve as feedback.
set -eu
dir=$1
mkdir -p "$dir"

# Mersenne primes keep every product exact in awk's doubles.
awk -v rows=1797 'BEGIN {
    for (i = 0; i < 64; i++) { printf "f%d,", i }
    print "target,prediction"
    seed = 20
    for (r = 0; r < rows; r++) {
        digit = r % 10
        for (i = 0; i < 64; i++) {
            seed = (seed * 16807) % 2147483647
            printf "%d.0,", (seed + digit * i) % 17
        }
        seed = (seed * 16807) % 2147483647
        wrong = seed % 100 < 3
        print digit "," (wrong ? (digit + 1) % 10 : digit)
    }
}' >"$dir/feedback.csv"

features=$(awk 'BEGIN { for (i = 0; i < 64; i++) { printf "%s\"f%d\"", i ? ", " : "", i } }')
cat >"$dir/asset_properties.json" <<EOF
{
  "label_column": "target",
  "prediction_field": "prediction",
  "feature_fields": [$features],
  "categorical_fields": []
}
EOF
cat >"$dir/configurations.json" <<EOF
{
  "op": "add",
  "path": "/configurations",
  "value": [
    {"data_set_type": "feedback", "enabled": true},
    {"data_set_type": "payload_logging", "enabled": true}
  ]
}
EOF

# A model that nobody can load: the stand-in looks at its bytes only.
printf 'demo model: always answers 0\n' >"$dir/model.txt"
tar -C "$dir" -czf "$dir/model.tar.gz" model.txt
rm "$dir/model.txt"
