/*
 * struct capture: what is kept of one output stream. The first LIMIT_CAPTURE_MEMORY bytes stay in memory; when more comes an
 * anonymous file takes everything up to its cap and a ring keeps the last bytes. What is past the cap is counted and dropped.
 */
#ifndef PROC_CAPTURE_PRIV_H
#define PROC_CAPTURE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_output;

struct capture {
    const char *spill_dir; /* kept: lives as long as the runner */
    char *head;
    size_t head_len;
    size_t head_cap;
    char *ring; /* last bytes, LIMIT_CAPTURE_MEMORY long; NULL until the head is full */
    size_t ring_next;
    uint64_t total_bytes;
    uint64_t spilled_bytes;
    uint64_t spill_cap;
    int spill_fd;
    bool is_spill_over; /* at its cap, or the disk refused */
};

/* `spill_cap` 0: LIMIT_CAPTURE_SPILL. */
void capture_init(struct capture *c, const char *spill_dir, uint64_t spill_cap);
void capture_release(struct capture *c);
void capture_add(struct capture *c, const char *bytes, size_t len);
/* The view for a result; borrows from c until more is added. */
void capture_view(struct capture *c, struct run_output *ret_output);

#endif
