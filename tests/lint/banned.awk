# usage: awk -f strip.awk -f banned.awk FILE.c|FILE.h...
# Calls that the house does not make, each with what to use instead and, where one exists, the one
# place that may (the place that wraps it).
function ban(names, instead, place,    list, n, i) {
    n = split(names, list, " ")
    for (i = 1; i <= n; i++) {
        why[list[i]] = instead
        where[list[i]] = place
    }
}
BEGIN {
    ban("strcpy strcat strncpy strncat stpcpy sprintf vsprintf gets", "struct str has the length")
    ban("strtok", "it keeps hidden state and eats its input")
    ban("atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof sscanf scanf fscanf", "base/num parses numbers", "^src/base/num\\.c$")
    ban("gmtime localtime ctime asctime", "base/clock writes time stamps")
    ban("time gettimeofday clock_gettime", "base/clock tells the time", "^src/base/|^src/proc/")
    ban("rand srand random srandom drand48", "randomness is seeded and the seed is in the report")
    ban("system popen", "children are argv arrays, never a shell")
    ban("sleep usleep nanosleep", "nothing blocks the loop", "^src/proc/proc\\.c$") # after its end
    ban("alloca", "sizes that grow belong on the heap, under a limit")
    ban("malloc calloc realloc reallocarray strdup strndup asprintf vasprintf", "base/mem allocates", "^src/base/")
    ban("exit abort", "library code returns an error", "^src/base/|^src/cli/")
    ban("setjmp longjmp", "control flow stays visible")
    ban("signal", "signals go through proc/", "^src/cli/|^src/proc/prepare\\.c$")
}
FNR == 1 {
    reset()
}
{
    text = code($0)
    for (name in why) {
        if (calls(text, name) && !(where[name] != "" && FILENAME ~ where[name])) {
            complain(name "(): " why[name])
        }
    }
    if ($0 ~ /TODO|FIXME/ && $0 !~ /TODO\(#[0-9]+\): /) {
        complain("an open end: write TODO(#issue): ... or finish it")
    }
}
END {
    exit n_complaints > 0
}
