/*
 * Input -> the documents in it, one after the other: several JSON documents (NDJSON too) as they arrive, one value of
 * every other format.
 */
#ifndef CLI_DOCUMENTS_H
#define CLI_DOCUMENTS_H

#include <stdbool.h>

struct arena;
struct err;
struct extract_note;
struct extract_spec;
struct input;
struct value;

/*
 * Takes one document, valid during the call; `scratch` is reset behind it. Returns false to stop: with `err` set that is a
 * failure, else a normal end (nobody reads any more).
 */
typedef bool (*document_fn)(const struct value *document, const struct extract_note *note,
                            struct arena *scratch, void *ctx, struct err *err);

/*
 * JSON documents come as soon as they are complete. Lines around a single document that are not JSON (cpdctl's `...`, dsjob's
 * `Status code = 0`) are skipped.
 */
bool documents_read(struct input *in, const struct extract_spec *spec, document_fn fn, void *ctx,
                    struct err *err);

/* As document_fn, for one row. */
typedef bool (*row_fn)(const struct value *row, void *ctx, struct err *err);
/* CSV rows and lines one by one as they arrive. */
bool rows_read(struct input *in, const struct extract_spec *spec, row_fn fn, void *ctx,
               struct err *err);

#endif
