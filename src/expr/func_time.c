/*
 * Functions about time. Everything is UTC; a time is a timestamp text or seconds since 1970.
 */
#include "functions_priv.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "eval_priv.h"
#include "lex_priv.h"
#include "number_priv.h"
#include "maxima.h"
#include "value/value.h"

#include <math.h>
#include <string.h>

#define MS_PER_DAY INT64_C(86400000)
/* 0000-01-01 and the end of 9999, in seconds since 1970. */
#define YEAR_0_SECONDS     (-62167219200.0)
#define YEAR_10000_SECONDS 253402300800.0

const struct value *fn_now(struct call *c) {
    AUTO(str) struct str text = STR_INIT(LIMIT_MESSAGE);
    clock_format_utc(c->ev->run->now_ms, &text);
    return value_string(c->ev->arena, str_text(&text), text.len);
}

/* The first argument as milliseconds since 1970: a timestamp, or seconds. */
static bool time_arg(struct call *c, int64_t *ret_ms) {
    const struct value *v = c->args[0].value;
    if (v->type == VALUE_STRING) {
        if (clock_parse_utc(v->as.text, v->len, ret_ms)) {
            return true;
        }
        call_fail(c, 0, "invalid-value", "'%s' is not a timestamp such as 2026-01-31T09:05:00Z",
                  v->as.text);
        return false;
    }
    double seconds = v->aux.number;
    if (!(seconds >= YEAR_0_SECONDS && seconds < YEAR_10000_SECONDS)) {
        call_fail(c, 0, "invalid-value", "%s seconds are outside of the years 0000 to 9999",
                  v->as.text);
        if (seconds < YEAR_10000_SECONDS * 1000 && seconds > 0) {
            err_hint(c->ev->err, "milliseconds become seconds by x / 1000");
        }
        return false;
    }
    *ret_ms = (int64_t)floor(seconds * 1000 + 0.5);
    return true;
}

const struct value *fn_epoch(struct call *c) {
    int64_t ms = 0;
    if (!time_arg(c, &ms)) {
        return NULL;
    }
    const char *why = NULL;
    return number_binary(c->ev->arena, TOK_DIVIDE, value_int(c->ev->arena, ms),
                         value_int(c->ev->arena, 1000), &why);
}

struct date {
    int year;
    int month; /* 1 to 12 */
    int day;
    int day_of_year; /* 1 to 366 */
    int weekday;     /* 0 is Sunday */
    int hour;
    int minute;
    int second;
    int ms;
};

/* Days since 1970 to a date of the Gregorian calendar; years start in March here, so that leap days
 * come last. */
static struct date date_of(int64_t wall_ms) {
    int64_t days = wall_ms / MS_PER_DAY - (wall_ms % MS_PER_DAY < 0);
    int64_t ms = wall_ms - days * MS_PER_DAY;
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_march_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_march_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t before_march = is_leap ? 60 : 59;
    return (struct date){
        .year = (int)year,
        .month = (int)month,
        .day = (int)(day_of_march_year - (153 * march_month + 2) / 5 + 1),
        .day_of_year =
            (int)(month <= 2 ? day_of_march_year - 305 : day_of_march_year + before_march + 1),
        .weekday = (int)(((days + 4) % 7 + 7) % 7),
        .hour = (int)(ms / 3600000),
        .minute = (int)(ms / 60000 % 60),
        .second = (int)(ms / 1000 % 60),
        .ms = (int)(ms % 1000),
    };
}

static void add_padded(struct str *out, int number, int width, char fill) {
    AUTO(str) struct str digits = STR_INIT(LIMIT_MESSAGE);
    str_addf(&digits, "%d", number);
    for (int i = (int)digits.len; i < width; i++) {
        str_add_char(out, fill);
    }
    str_add(out, str_text(&digits));
}

static bool add_number_part(struct str *out, char letter, const struct date *d) {
    const struct {
        char letter;
        char fill;
        int width;
        int number;
    } parts[] = {
        {'Y', '0', 4, d->year},
        {'m', '0', 2, d->month},
        {'d', '0', 2, d->day},
        {'e', ' ', 2, d->day},
        {'H', '0', 2, d->hour},
        {'I', '0', 2, d->hour % 12 == 0 ? 12 : d->hour % 12},
        {'M', '0', 2, d->minute},
        {'S', '0', 2, d->second},
        {'L', '0', 3, d->ms},
        {'j', '0', 3, d->day_of_year},
        {'y', '0', 2, d->year % 100},
        {'w', '0', 1, d->weekday},
        {'u', '0', 1, d->weekday == 0 ? 7 : d->weekday},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].letter == letter) {
            add_padded(out, parts[i].number, parts[i].width, parts[i].fill);
            return true;
        }
    }
    return false;
}

static bool add_text_part(struct str *out, char letter, const struct date *d) {
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    const struct {
        char letter;
        const char *text;
        size_t len; /* 0: the whole text */
    } parts[] = {
        {'A', days[d->weekday], 0},
        {'a', days[d->weekday], 3},
        {'B', months[d->month - 1], 0},
        {'b', months[d->month - 1], 3},
        {'p', d->hour < 12 ? "AM" : "PM", 0},
        {'Z', "UTC", 0},
        {'z', "+0000", 0},
        {'%', "%", 0},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].letter == letter) {
            str_add_bytes(out, parts[i].text,
                          parts[i].len > 0 ? parts[i].len : strlen(parts[i].text));
            return true;
        }
    }
    return false;
}

static void add_format(struct str *out, const char *format, const struct date *d) {
    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '%' && p[1] != '\0') {
            p++;
            (void)(add_number_part(out, *p, d) || add_text_part(out, *p, d));
        } else {
            str_add_char(out, *p);
        }
    }
}

/* One letter behind '%'; false when it means nothing. */
static bool add_part(struct str *out, char letter, const struct date *d, int64_t wall_ms) {
    switch (letter) {
    case 'F':
        add_format(out, "%Y-%m-%d", d);
        return true;
    case 'T':
        add_format(out, "%H:%M:%S", d);
        return true;
    case 's':
        str_addf(out, "%lld", (long long)((wall_ms - d->ms) / 1000));
        return true;
    default:
        return add_number_part(out, letter, d) || add_text_part(out, letter, d);
    }
}

const struct value *fn_format_time(struct call *c) {
    int64_t ms = 0;
    if (!time_arg(c, &ms)) {
        return NULL;
    }
    const struct value *format = c->args[1].value;
    /* The longest part, %A or %B, has nine letters for two; %F ten. */
    if (!eval_room(c->ev, c->node, 10 * (size_t)format->len)) {
        return NULL;
    }
    struct date d = date_of(ms);
    AUTO(str) struct str out = STR_INIT(10 * (size_t)format->len + 1);
    for (uint32_t i = 0; i < format->len; i++) {
        if (format->as.text[i] != '%') {
            str_add_char(&out, format->as.text[i]);
            continue;
        }
        i++;
        if (!add_part(&out, format->as.text[i], &d, ms)) {
            call_fail(c, 1, "invalid-value", "'%%%.*s' means nothing in a time format",
                      i < format->len ? 1 : 0, format->as.text + i);
            err_hint(
                c->ev->err,
                "known are %%Y %%m %%d %%H %%M %%S %%L %%F %%T %%j %%y %%b %%B %%a %%A %%I %%p "
                "%%e %%s %%u %%w %%z %%Z and %%%%");
            return NULL;
        }
    }
    return value_string(c->ev->arena, str_text(&out), out.len);
}
