/*
 * usage: bare_calls FILE
 *
 * The least that can be done: starts every call of FILE (answer.c wrote it) with posix_spawn, one after the other, feeds its input,
 * reads its output and waits for it. No recipe, no JSON, no report: what cpdflow adds is measured against this.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ARGS = 256 };

static void die(const char *what) {
    fprintf(stderr, "bare_calls: %s\n", what);
    exit(2);
}

static void call(char **argv, const char *input, size_t input_len) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        die("pipe");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    pid_t pid = 0;
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) {
        die(argv[0]);
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    if (input_len > 0 && write(in[1], input, input_len) != (ssize_t)input_len) {
        die("write");
    }
    close(in[1]);
    static char block[65536];
    while (read(out[0], block, sizeof block) > 0) {
    }
    close(out[0]);
    int status = 0;
    waitpid(pid, &status, 0);
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        die("usage: bare_calls FILE");
    }
    static char data[16 << 20];
    size_t len = fread(data, 1, sizeof data, file);
    fclose(file);
    for (size_t at = 0; at < len;) {
        uint32_t head[2];
        memcpy(head, data + at, sizeof head);
        at += sizeof head;
        char *args[MAX_ARGS + 1] = {NULL};
        if (head[0] > MAX_ARGS) {
            die("too many arguments");
        }
        for (uint32_t i = 0; i < head[0]; i++) {
            args[i] = data + at;
            at += strlen(data + at) + 1;
        }
        call(args, data + at, head[1]);
        at += head[1];
    }
    return 0;
}
