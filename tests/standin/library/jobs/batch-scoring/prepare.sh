#!/bin/sh
# Two customers.
printf 'age,income\n41,52000\n29,38000.50\n' >customers.csv
