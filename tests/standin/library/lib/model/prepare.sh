#!/bin/sh
# An archive; what is in it is of no matter.
printf "a model" >model.tar.gz
