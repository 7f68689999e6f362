# usage: awk -f strip.awk -f layers.awk src/LAYERS FILE.c|FILE.h...
# Refuses an include that src/LAYERS does not allow, a library's header outside the one place that
# may use it, and printing outside the layers that talk to people.
BEGIN {
    only["uv.h"] = "^src/proc/"
    only["cjson/cJSON.h"] = only["cJSON.h"] = only["yaml.h"] = "^src/value/"
    only["pcre2.h"] = "^src/base/regex\\.c$"
    may_print = "^(src|include)/(cli|report)/|^src/base/(log|mem)\\.c$" # mem.c: the last words before it aborts
    n_printers = split("printf fprintf vprintf vfprintf puts fputs putchar putc fputc fwrite perror", printers, " ")
    engine_of_proc = "^proc/(runner|timers)\\.h$"
}
FNR == NR {
    sub(/#.*/, "")
    if (split($0, part, ":") == 2) {
        known[part[1]] = 1
        n = split(part[2], below, " ")
        for (i = 1; i <= n; i++) {
            allowed[part[1], below[i]] = 1
        }
    }
    next
}
FNR == 1 {
    reset()
    split(FILENAME, path, "/")
    layer = path[2]
    if (path[1] == "src" && !(layer in known)) {
        complain("layer '" layer "' is not in src/LAYERS")
    }
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    match($0, /<[^>]*>/)
    header = substr($0, RSTART + 1, RLENGTH - 2)
    if ((header in only) && FILENAME !~ only[header]) {
        complain("<" header "> belongs to " only[header])
    }
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    match($0, /"[^"]*"/)
    header = substr($0, RSTART + 1, RLENGTH - 2)
    of = header
    sub(/\/.*/, "", of)
    if (index(header, "/") == 0) {
        if (header != "maxima.h" && header !~ /_priv\.h$/) {
            complain("\"" header "\": a header of the project is named with its layer")
        }
    } else if (header ~ /_priv\.h$/ && of != layer) {
        complain("\"" header "\" is private to " of)
    } else if (of != layer && !((layer, of) in allowed)) {
        complain(layer " may not include \"" header "\"")
    } else if (layer == "engine" && of == "proc" && header !~ engine_of_proc) {
        complain("engine sees proc/runner.h and proc/timers.h of proc, not \"" header "\"")
    }
}
{
    text = code($0)
    if (FILENAME !~ may_print) {
        for (i = 1; i <= n_printers; i++) {
            if (calls(text, printers[i])) {
                complain(printers[i] "(): only cli, report and base/log print")
            }
        }
    }
}
END {
    exit n_complaints > 0
}
