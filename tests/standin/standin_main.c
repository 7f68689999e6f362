/*
 * The stand-in cluster: a Cloud Pak for Data that fits in one process, for tests and demos. It
 * answers the REST interfaces that the pipelines use and the stand-in cpdctl, from one state.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "server.h"

static const char usage[] =
    "usage: standin [--port N] [--port-file FILE] [--scenario FILE] [--scale F]\n"
    "               [--log FILE] [--idle-exit SECONDS]\n"
    "\n"
    "  --port N         listen on 127.0.0.1:N; 0 (the default): any free port\n"
    "  --port-file F    write the port there once it is open\n"
    "  --scenario F     what is there, what fails, how long things take\n"
    "  --scale F        factor of all durations: 0 at once, 1 (the default) as recorded\n"
    "  --log F          one JSON line per call\n"
    "  --idle-exit S    end after S seconds without a request (default 900, 0: never)\n"
    "\n"
    "The URL is printed on stdout.\n";

struct options {
    unsigned short port;
    const char *port_file;
    const char *scenario;
    const char *log;
    double scale;
    bool has_scale;
    int idle_s;
};

static void on_signal(int number) {
    (void)number;
    server_interrupt();
}

static bool read_options(int argc, char **argv, struct options *ret_options) {
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'},     {"port-file", required_argument, NULL, 'f'},
        {"scenario", required_argument, NULL, 's'}, {"scale", required_argument, NULL, 'x'},
        {"log", required_argument, NULL, 'l'},      {"idle-exit", required_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};
    struct options options = {.scale = 1, .idle_s = 900};
    for (;;) {
        int found = getopt_long(argc, argv, "h", names, NULL);
        if (found == -1) {
            *ret_options = options;
            return optind == argc;
        }
        switch (found) {
        case 'p':
            options.port = (unsigned short)strtoul(optarg, NULL, 10);
            break;
        case 'f':
            options.port_file = optarg;
            break;
        case 's':
            options.scenario = optarg;
            break;
        case 'x':
            options.scale = strtod(optarg, NULL);
            options.has_scale = true;
            break;
        case 'l':
            options.log = optarg;
            break;
        case 'i':
            options.idle_s = (int)strtol(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
}

/* By way of rename, so that a reader never sees half of it. */
static bool write_port(const char *path, unsigned short port) {
    char *draft = text_format("%s.new", path);
    FILE *file = fopen(draft, "w");
    bool is_written = file != NULL && fprintf(file, "%u\n", port) > 0;
    is_written = file != NULL && fclose(file) == 0 && is_written;
    is_written = is_written && rename(draft, path) == 0;
    free(draft);
    return is_written;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &stops, NULL); /* delivered only inside ppoll() */
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

static int fail(const char *what, const char *detail) {
    (void)fprintf(stderr, "standin: %s: %s\n", what, detail);
    return 1;
}

static int serve_world(struct server *server, struct world *world, const struct options *options,
                       unsigned short port) {
    if (options->log != NULL) {
        world->log_file = fopen(options->log, "w");
        if (world->log_file == NULL) {
            return fail(options->log, strerror(errno));
        }
    }
    char *problem = options->scenario != NULL ? scenario_load_file(world, options->scenario)
                                              : scenario_load(world, NULL);
    if (problem != NULL) {
        (void)fail("scenario", problem);
        free(problem);
        return 2;
    }
    if (options->port_file != NULL && !write_port(options->port_file, port)) {
        return fail(options->port_file, strerror(errno));
    }
    (void)printf("%s\n", world->url);
    (void)fflush(stdout);
    server_run(server, world, options->idle_s);
    return 0;
}

int main(int argc, char **argv) {
    struct options options;
    if (!read_options(argc, argv, &options)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    unsigned short port = 0;
    struct server *server = server_new(options.port, &port);
    if (server == NULL) {
        return fail("cannot listen", strerror(errno));
    }
    catch_signals();
    char url[64];
    struct world world;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
    world_init(&world, url, options.scale);
    world.has_own_scale = options.has_scale;
    int status = serve_world(server, &world, &options, port);
    if (world.log_file != NULL && fclose(world.log_file) != 0) {
        status = fail(options.log, strerror(errno));
    }
    world_release(&world);
    server_free(server);
    return status;
}
