/* The program under another name (cmd_shim.c). */
#ifndef CLI_SHIM_PRIV_H
#define CLI_SHIM_PRIV_H

/* The name of the program that argv[0] asks us to be, NULL: ourselves. */
const char *shim_fake_name(const char *argv0);
/* Answers as that program; returns its exit code. */
int shim_run_fake(const char *name, int argc, char **argv);

#endif
