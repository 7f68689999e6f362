#!/bin/sh
# An archive of no assets, as the stand-in writes it.
printf 'PK\003\004 stand-in\n[]' >assets.zip
