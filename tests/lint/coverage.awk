# usage: gcov -n FILES | awk -f coverage.awk
# One line per source file, least covered first, and the sum.
/^File 'src\// {
    file = $2
    gsub(/'/, "", file)
}
/^Lines executed:/ && file != "" {
    sub(/^Lines executed:/, "")
    covered = $1 / 100 * $3
    printf "%6.1f %% of %5d  %s\n", $1, $3, file | "sort -n"
    lines += $3
    sum += covered
    file = ""
}
END {
    close("sort -n")
    if (lines > 0) {
        printf "%6.1f %% of %5d  in all\n", 100 * sum / lines, lines
    }
}
