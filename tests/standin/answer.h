#ifndef STANDIN_ANSWER_H
#define STANDIN_ANSWER_H
/*
 * One request as the services see it, and the answer to it.
 */
#include "world.h"

enum { PARAMS_MAX = 4 };

struct request {
    char method[12];
    char *path;       /* decoded, without the query */
    cJSON *query;     /* object of strings */
    cJSON *json;      /* the body, NULL when it is none or no JSON */
    const char *body; /* borrowed */
    size_t body_len;
    char content_type[128];
    char bearer[ID_SIZE];             /* "" without */
    char params[PARAMS_MAX][ID_SIZE]; /* what the {} of the route matched */
};

/*
 * An answer that is still to be made: `resume` is called at `due_ms` and either makes it or sets a
 * later `due_ms`. That is how a cpdctl command that waits for a state is held without a thread.
 */
struct wait;
struct answer;
typedef void (*wait_fn)(struct world *world, struct wait *wait, struct answer *answer);

struct wait {
    int64_t due_ms;
    wait_fn resume;
    enum kind kind; /* of the object that is waited for */
    char id[ID_SIZE];
    int64_t deadline_ms; /* the caller waits no longer; 0: for ever */
    const void *command; /* static: who asked */
    int output;          /* in which form */
    bool is_done;        /* set by `resume` when the answer is made */
};

struct answer {
    int status;
    cJSON *json;              /* owned; the body, NULL: `raw` */
    struct text raw;          /* when the body is no JSON */
    const char *content_type; /* of `raw`; static text */
    char location[256];       /* "" without */
    int64_t not_before_ms;    /* held back until then; INT64_MAX: for ever */
    bool is_dropped;          /* the connection is closed without a word */
    struct wait *wait;        /* owned; not NULL: the answer is still to be made */
};

void answer_release(struct answer *answer);

/* Empties the answer and sets its JSON body (taken, may be NULL). */
void answer_json(struct answer *answer, int status, cJSON *json);

/* The error body that all services share; `code` and `message` are copied. */
void answer_error(struct answer *answer, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The page of a proxy in front of a service that does not answer. */
void answer_gateway_page(struct answer *answer, int status);

const char *request_query(const struct request *request, const char *name);

#endif
