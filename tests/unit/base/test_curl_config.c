/* What is written for `curl --config` is read again, and what people write too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/curl_config.h"
#include "base/str.h"

/* "name=value|flag|", - for no value */
static void expect(const char *config, const char *expected) {
    AUTO(str) struct str name = STR_INIT(0);
    AUTO(str) struct str value = STR_INIT(0);
    AUTO(str) struct str all = STR_INIT(0);
    bool has_value = false;
    const char *at = config;
    while (curl_config_next(&at, &name, &value, &has_value)) {
        str_addf(&all, "%s%s%s|", str_text(&name), has_value ? "=" : "", str_text(&value));
    }
    assert_string_equal(str_text(&all), expected);
}

static void test_curl_config_reads_what_it_wrote(void **state) {
    (void)state;
    static const char odd[] = "a \"b\" \\ c\td\ne\rf\vg # = h";
    AUTO(str) struct str config = STR_INIT(0);
    curl_config_add_text(&config, "header", odd);
    curl_config_add(&config, "data-raw", "abc", 2);
    curl_config_add_text(&config, "proxy", "");
    AUTO(str) struct str expected = STR_INIT(0);
    str_addf(&expected, "header=%s|data-raw=ab|proxy=|", odd);
    expect(str_text(&config), str_text(&expected));
}

static void test_curl_config_reads_the_forms_that_people_write(void **state) {
    (void)state;
    expect("# who\n--url = \"https://x\"\n\n  silent\nuser me:pw\n-k\r\nmax-time:3\n# end",
           "url=https://x|silent|user=me:pw|k|max-time=3|");
    expect("", "");
    expect("# nothing", "");
    expect("data \"open", "data=open|");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curl_config_reads_what_it_wrote),
        cmocka_unit_test(test_curl_config_reads_the_forms_that_people_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
