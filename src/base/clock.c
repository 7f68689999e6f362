/*
 * Clocks, and wall time as text. The calendar is counted here (proleptic Gregorian, UTC), so
 * neither the time zone of the machine nor a static buffer of the C library takes part.
 */
#include "base/clock.h"

#include "base/str.h"

#include <time.h>

enum { MS_PER_S = 1000, S_PER_DAY = 86400, NS_PER_MS = 1000000 };

static const int64_t MIN_WALL_MS = INT64_C(-62167219200000); /* 0000-01-01T00:00:00.000Z */
static const int64_t MAX_WALL_MS = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */

int64_t clock_monotonic_ns(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * MS_PER_S * NS_PER_MS + t.tv_nsec;
}

int64_t clock_monotonic_ms(void) {
    return clock_monotonic_ns() / NS_PER_MS;
}

int64_t clock_wall_ms(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

/*
 * Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year
 * and a month's first day is a linear formula; 400 years have 146,097 days.
 */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date {
    int year;
    int month;
    int day;
};

static struct date date_from_days(int64_t days) {
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (struct date){
        .year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
        .month = (int)month,
        .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
    };
}

struct day_time {
    int64_t days;
    int ms_of_day;
};

static struct day_time split(int64_t wall_ms) {
    const int64_t ms_per_day = (int64_t)S_PER_DAY * MS_PER_S;
    int64_t ms = wall_ms < MIN_WALL_MS ? MIN_WALL_MS : wall_ms;
    ms = ms > MAX_WALL_MS ? MAX_WALL_MS : ms;
    int64_t days = ms / ms_per_day;
    if (ms % ms_per_day < 0) {
        days--;
    }
    return (struct day_time){days, (int)(ms - days * ms_per_day)};
}

static void add_time(struct str *out, int ms_of_day) {
    int s = ms_of_day / MS_PER_S;
    str_addf(out, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

void clock_format_utc(int64_t wall_ms, struct str *out) {
    struct day_time t = split(wall_ms);
    struct date date = date_from_days(t.days);
    str_addf(out, "%04d-%02d-%02dT", date.year, date.month, date.day);
    add_time(out, t.ms_of_day);
    str_addf(out, ".%03dZ", t.ms_of_day % MS_PER_S);
}

/* The rest of the text being read; take_…() move it forward or fail. */
struct reader {
    const char *at;
    const char *end;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool take_digits(struct reader *r, int n_digits, int *ret_number) {
    int number = 0;
    if (r->end - r->at < n_digits) {
        return false;
    }
    for (int i = 0; i < n_digits; i++, r->at++) {
        if (!is_digit(*r->at)) {
            return false;
        }
        number = number * 10 + (*r->at - '0');
    }
    *ret_number = number;
    return true;
}

static bool take_any(struct reader *r, const char *chars) {
    for (const char *c = chars; *c != '\0' && r->at < r->end; c++) {
        if (*r->at == *c) {
            r->at++;
            return true;
        }
    }
    return false;
}

static bool is_leap_year(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool take_date(struct reader *r, int64_t *ret_days) {
    static const int days_of_month[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0;
    int month = 0;
    int day = 0;
    if (!take_digits(r, 4, &year) || !take_any(r, "-") || !take_digits(r, 2, &month) ||
        !take_any(r, "-") || !take_digits(r, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_of_month[month - 1] ||
        (month == 2 && day == 29 && !is_leap_year(year))) {
        return false;
    }
    *ret_days = days_from_date(year, month, day);
    return true;
}

/* Up to nine digits after a dot; what is finer than a millisecond is dropped. */
static bool take_fraction_ms(struct reader *r, int *ret_ms) {
    int ms = 0;
    if (!take_any(r, ".")) {
        *ret_ms = 0;
        return true;
    }
    int n_digits = 0;
    for (; r->at < r->end && is_digit(*r->at); r->at++, n_digits++) {
        if (n_digits < 3) {
            ms = ms * 10 + (*r->at - '0');
        }
    }
    for (int i = n_digits; i < 3; i++) {
        ms *= 10;
    }
    *ret_ms = ms;
    return n_digits >= 1 && n_digits <= 9;
}

static bool take_time_ms(struct reader *r, int64_t *ret_ms) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int ms = 0;
    if (!take_digits(r, 2, &hour) || !take_any(r, ":") || !take_digits(r, 2, &minute) ||
        !take_any(r, ":") || !take_digits(r, 2, &second) || !take_fraction_ms(r, &ms)) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 60) { /* 60: a leap second counts as the next one */
        return false;
    }
    *ret_ms = ((int64_t)hour * 3600 + (int64_t)minute * 60 + second) * MS_PER_S + ms;
    return true;
}

/* "Z", "+01:00", "-0530", "+02". */
static bool take_offset_ms(struct reader *r, int64_t *ret_ms) {
    if (take_any(r, "Zz")) {
        *ret_ms = 0;
        return true;
    }
    bool is_west = r->at < r->end && *r->at == '-';
    int hours = 0;
    int minutes = 0;
    if (!take_any(r, "+-") || !take_digits(r, 2, &hours)) {
        return false;
    }
    bool has_colon = take_any(r, ":");
    if ((has_colon || r->at < r->end) && !take_digits(r, 2, &minutes)) {
        return false;
    }
    if (hours > 23 || minutes > 59) {
        return false;
    }
    int64_t ms = ((int64_t)hours * 60 + minutes) * 60 * MS_PER_S;
    *ret_ms = is_west ? -ms : ms;
    return true;
}

bool clock_parse_utc(const char *text, size_t len, int64_t *ret_wall_ms) {
    struct reader r = {text, text + len};
    int64_t days = 0;
    int64_t ms_of_day = 0;
    int64_t offset_ms = 0;
    if (!take_date(&r, &days) || !take_any(&r, "Tt ") || !take_time_ms(&r, &ms_of_day) ||
        !take_offset_ms(&r, &offset_ms) || r.at != r.end) {
        return false;
    }
    *ret_wall_ms = days * S_PER_DAY * MS_PER_S + ms_of_day - offset_ms;
    return true;
}
