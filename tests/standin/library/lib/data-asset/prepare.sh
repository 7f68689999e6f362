#!/bin/sh
# One customer.
printf "age,income\n41,52000\n" >customers.csv
