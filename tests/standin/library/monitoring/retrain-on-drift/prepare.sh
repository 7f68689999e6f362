#!/bin/sh
# Ten rows of two features; eight of them are threes.
awk 'BEGIN { print "f0,f1,target"; for (r = 0; r < 10; r++) printf "%d,%d.5,%d\n", r, r, r < 8 ? 3 : r }' >holdout.csv
