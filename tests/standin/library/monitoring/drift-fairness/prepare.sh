#!/bin/sh
# The asset properties of a new subscription.
echo '{"label_column": "Risk", "prediction_field": "prediction", "feature_fields": ["Sex", "Age"]}' >asset_properties.json
