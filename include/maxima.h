/*
 * Every maximum of the program that outside data can reach, one per line with its reason. A test at the maximum and
 * one past it stands beside each user.
 *
 * Not called limits.h: -Iinclude would then hide the system header of that name.
 */
#ifndef MAXIMA_H
#define MAXIMA_H

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* A table, one line each, whatever its width. */
/* clang-format off */
#define LIMIT_STR_DEFAULT        (64 * MIB)             /* a buffer whose user gave no maximum of its own */
#define LIMIT_MESSAGE            (4 * KIB)              /* one error message */
#define LIMIT_SECRET_MIN         ((size_t)4)            /* shorter values would mask ordinary words */
#define LIMIT_DURATION_MS        INT64_C(3153600000000) /* 100 years: no sum of two overflows */
#define LIMIT_JSON_DEPTH         512                    /* cJSON stops at 1000; recursion stays small */
#define LIMIT_JSON_BYTES         (1024 * MIB)           /* `extract` on big files */
#define LIMIT_RESULT_BYTES       (64 * MIB)             /* what a step's stdout may hold to become a result */
#define LIMIT_RECIPE_BYTES       (16 * MIB)             /* 100,000 steps fit; a fifo of zeros does not */
#define LIMIT_CATALOGUE_BYTES    (4 * MIB)              /* what a catalogue of one program may have */
#define LIMIT_YAML_DEPTH         64                     /* libyaml 0.2.5 is quadratic in open flow brackets */
#define LIMIT_YAML_ALIASES       50000                  /* nodes made by expanding aliases */
#define LIMIT_DIAGNOSTICS        ((size_t)1000)         /* errors and warnings of one check; the rest is counted */
#define LIMIT_USE_DEPTH          32                     /* recipes that use recipes */
#define LIMIT_USE_FILES          ((size_t)1000)         /* files that one recipe may use, directly or not */
#define LIMIT_EXPR_BYTES         21000                  /* as GitHub's */
#define LIMIT_EXPR_DEPTH         200                    /* nesting of one expression, parser and evaluator */
#define LIMIT_EXPR_STEPS         20000000               /* node visits of one evaluation */
#define LIMIT_EXPR_RESULT        (256 * MIB)            /* arena bytes that one evaluation may take */
#define LIMIT_TEMPLATE_RESULT    (10 * MIB)             /* text made by one template, as GitHub's */
#define LIMIT_REGEX_PATTERN      ((size_t)10000)        /* bytes of one pattern */
#define LIMIT_ARG_BYTES          (128 * KIB - 1)        /* MAX_ARG_STRLEN - 1: one argument or one NAME=value */
#define LIMIT_ARGV_BYTES         ((size_t)1900000)      /* ARG_MAX is 2 MiB with the 8 MiB stack; room for auxv */
#define LIMIT_CHILDREN           1024                   /* at a time; the emergency list has this many places */
#define LIMIT_CAPTURE_MEMORY     (64 * KIB)             /* head and tail each of a stream kept for reports */
#define LIMIT_CAPTURE_SPILL      (256 * MIB)            /* a stream's file on disk; the rest is counted and dropped */
#define LIMIT_ITEMS              100000                 /* foreach items */
#define LIMIT_CSV_CELLS          ((size_t)16384)        /* cells of one CSV row: a spreadsheet's columns */
#define LIMIT_FILE_BYTES         (1024 * MIB)           /* a local file read as data */

#define LIMIT_REPORT_ATTEMPTS    32                     /* of one step kept whole: the first 8, the last 24 */
#define LIMIT_REPORT_WAITS       64                     /* spans of one step's waits: half first, half last */
#define LIMIT_REPORT_NOTICES     32                     /* of one step, and of the run */
#define LIMIT_REPORT_LINE        (4 * KIB)              /* a message, a name, an argument of argv */
#define LIMIT_REPORT_ARGV        ((size_t)64)           /* arguments shown */
#define LIMIT_REPORT_TEXT_TOTAL  (32 * MIB)             /* all output texts; past it only failures keep some */
#define LIMIT_REPORT_WHOLE_STEPS 10000                  /* successful steps past so many keep totals only */
#define LIMIT_REPORT_STEP_VALUE  (64 * KIB)             /* outputs of one step */
#define LIMIT_REPORT_RUN_VALUE   (4 * MIB)              /* inputs and outputs of the run */
#define LIMIT_REPORT_LOGS        (64 * MIB)             /* whole outputs copied beside an HTML report */
#define LIMIT_HISTORY_RUNS       29                     /* earlier runs that a chart shows */
#define LIMIT_HISTORY_LOOKS      ((size_t)60)           /* runs among which they are looked for */
#define LIMIT_HISTORY_REPORT     (4 * MIB)              /* report.json of one of them; larger ones are not read */
#define LIMIT_REPORT_BYTES       (512 * MIB)            /* one rendered report */
#define LIMIT_LIVE_LINE          ((size_t)16 * KIB)      /* of live output put together before it is shown */
#define LIMIT_CONSOLE_QUEUE      (4 * MIB)              /* what a reader that does not read may leave waiting */
#define LIMIT_JOURNAL_RECORD     (128 * MIB)            /* one record; results past it are left out of it */

#define LIMIT_TAPE_CALLS         100000                 /* recorded calls of one cassette */
#define LIMIT_TAPE_BYTES         (256 * MIB)            /* their bodies together */
#define LIMIT_TRANSCRIPT_BYTES   (64 * MIB)             /* a notebook or log that becomes a cassette */
#define LIMIT_TRANSCRIPT_MEMORY  (1024 * MIB)           /* its JSON as values */

#define LIMIT_RETRY_SPACING_MS   INT64_C(20)    /* between two tries whatever the recipe says: no retry storm */
#define LIMIT_POLL_SPACING_MS    INT64_C(5)     /* between two looks of a wait */
#define LIMIT_CLASSIFY_BYTES     (16 * KIB)     /* the end of stdout and of stderr, searched for the class of a failure */
#define LIMIT_EVENT_VALUES       ((size_t)4000)  /* values in a result or in outputs that events, journal and reports carry */
#define LIMIT_STEP_TEXT          (64 * KIB)     /* steps.ID.stdout and stderr kept after the step */
#define LIMIT_HTTP_INLINE_BODY   (32 * KIB)     /* a larger body goes to curl by private file: quoted it may double, and a configuration line of curl 7.88 ends at 100 KiB */
#define LIMIT_HTTP_HEADER_BYTES  (256 * KIB)    /* header blocks of one answer */
/* clang-format on */

#endif
