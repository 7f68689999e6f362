#!/bin/sh
# Ten rows of four features; eight of them are threes.
awk 'BEGIN {
    print "f0,f1,f2,f3,target"
    for (r = 0; r < 10; r++) printf "%d.0,%d.5,,%d,%d\n", r, r % 3, r * r, r < 8 ? 3 : r
}' >training_data.csv
