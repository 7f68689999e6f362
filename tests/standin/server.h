#ifndef STANDIN_SERVER_H
#define STANDIN_SERVER_H
/*
 * HTTP/1.1 on loopback: one thread, poll(), keep-alive, bodies by Content-Length. Answers may be
 * held back until a time or made later; see struct answer.
 */
#include "answer.h"

struct server;

/* Listens on 127.0.0.1; `port` 0: any free one. NULL when that fails, with errno set. */
struct server *server_new(unsigned short port, unsigned short *ret_port);
void server_free(struct server *server);

/* Serves until world->is_quitting, a signal, or `idle_s` seconds without a request (0: for ever). */
void server_run(struct server *server, struct world *world, int idle_s);

/* For a signal handler. */
void server_interrupt(void);

#endif
