# usage: awk -f strip.awk -f length.awk FILE...
# No file above 800 lines, no function above 100 (from the line of its opening brace to its end).
# Relies on the formatter: outside a function a line that ends in ") {" opens one, and "}" in column
# one closes it.
FNR == 1 {
    start = 0
}
FNR == 801 {
    complain("more than 800 lines: what is the second thing that this file does?")
}
/\) \{$/ && start == 0 {
    start = FNR
}
/^}/ {
    if (start > 0 && FNR - start + 1 > 100) {
        complain("a function of " (FNR - start + 1) " lines: 100 is the most")
    }
    start = 0
}
END {
    exit n_complaints > 0
}
