# For the other scripts here: code(line) is the line without comments and without what stands in
# quotes, so that a rule about calls does not trip over prose. State lives from line to line; a
# script calls code() once for each line and reset() at the start of each file.
function reset() {
    in_comment = 0
}
function code(line,    out, rest, two, quote) {
    out = ""
    while (line != "") {
        two = substr(line, 1, 2)
        if (in_comment) {
            rest = index(line, "*/")
            if (rest == 0) {
                return out
            }
            in_comment = 0
            line = substr(line, rest + 2)
        } else if (two == "/*") {
            in_comment = 1
            line = substr(line, 3)
        } else if (two == "//") {
            return out
        } else if (substr(line, 1, 1) ~ /["']/) {
            quote = substr(line, 1, 1)
            line = substr(line, 2)
            while (line != "" && substr(line, 1, 1) != quote) {
                line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
            }
            out = out quote quote
            line = substr(line, 2)
        } else {
            out = out substr(line, 1, 1)
            line = substr(line, 2)
        }
    }
    return out
}
function complain(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    n_complaints++
}
# Has the code a call of NAME? A member of that name, or a longer name that ends in it, is none.
function calls(text, name) {
    return text ~ ("(^|[^A-Za-z0-9_.>])" name "[ \t]*\\(")
}
