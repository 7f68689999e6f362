/*
 * usage: pair [-n PAIRS] COMMAND... -- COMMAND...
 *
 * Runs two commands in turn, PAIRS times (default 21), with standard output thrown away, and prints medians of what a pair took:
 *   ms of the first, ms of the second, first / second in wall time, first / second in CPU time, first - second in ms
 * A lone | in a command makes a pipeline, without a shell. Turns make both meet the same noise.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_STAGES = 8, MAX_PAIRS = 10000 };

struct sample {
    double wall_ms;
    double cpu_ms;
};

static void die(const char *what) {
    fprintf(stderr, "pair: %s\n", what);
    exit(2);
}

static double seconds_of(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double cpu_of_children_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return 1000 * (seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1000 * (double)t.tv_sec + (double)t.tv_nsec / 1e6;
}

static pid_t spawn_stage(char **argv, int in, int out) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    pid_t pid = 0;
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
        die(argv[0]);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Splits argv at "|" in place; returns the number of stages. */
static size_t split_stages(char **argv, char **stages[MAX_STAGES]) {
    size_t n = 0;
    stages[n++] = argv;
    for (; *argv != NULL; argv++) {
        if (strcmp(*argv, "|") == 0) {
            *argv = NULL;
            if (n == MAX_STAGES) {
                die("too many stages");
            }
            stages[n++] = argv + 1;
        }
    }
    return n;
}

static struct sample run(char **const *stages, size_t n_stages, int null_in, int null_out) {
    double cpu = cpu_of_children_ms();
    double start = now_ms();
    pid_t pids[MAX_STAGES];
    int in = null_in;
    for (size_t i = 0; i < n_stages; i++) {
        int pipes[2] = {null_in, null_out};
        if (i + 1 < n_stages && pipe2(pipes, O_CLOEXEC) != 0) {
            die("pipe");
        }
        pids[i] = spawn_stage(stages[i], in, pipes[1]);
        if (in != null_in) {
            close(in);
        }
        if (pipes[1] != null_out) {
            close(pipes[1]);
        }
        in = pipes[0];
    }
    for (size_t i = 0; i < n_stages; i++) {
        waitpid(pids[i], NULL, 0);
    }
    return (struct sample){now_ms() - start, cpu_of_children_ms() - cpu};
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

int main(int argc, char **argv) {
    size_t n_pairs = 21;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        n_pairs = strtoul(argv[2], NULL, 10);
        first = 3;
    }
    int middle = first;
    while (middle < argc && strcmp(argv[middle], "--") != 0) {
        middle++;
    }
    if (middle == first || middle + 1 >= argc || n_pairs == 0 || n_pairs > MAX_PAIRS) {
        die("usage: pair [-n PAIRS] COMMAND... -- COMMAND...");
    }
    argv[middle] = NULL;
    char **stages[2][MAX_STAGES];
    size_t n_stages[2] = {split_stages(argv + first, stages[0]),
                          split_stages(argv + middle + 1, stages[1])};
    int null_in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int null_out = open("/dev/null", O_WRONLY | O_CLOEXEC);

    static double a_ms[MAX_PAIRS];
    static double b_ms[MAX_PAIRS];
    static double wall[MAX_PAIRS];
    static double cpu[MAX_PAIRS];
    static double more_ms[MAX_PAIRS];
    for (size_t i = 0; i <= n_pairs; i++) {
        struct sample a = run(stages[0], n_stages[0], null_in, null_out);
        struct sample b = run(stages[1], n_stages[1], null_in, null_out);
        if (i > 0) { /* the first pair warms the caches */
            a_ms[i - 1] = a.wall_ms;
            b_ms[i - 1] = b.wall_ms;
            wall[i - 1] = a.wall_ms / b.wall_ms;
            cpu[i - 1] = a.cpu_ms / b.cpu_ms;
            more_ms[i - 1] = a.wall_ms - b.wall_ms;
        }
    }
    printf("%.3f %.3f %.3f %.3f %.3f\n", median(a_ms, n_pairs), median(b_ms, n_pairs),
           median(wall, n_pairs), median(cpu, n_pairs), median(more_ms, n_pairs));
    return 0;
}
