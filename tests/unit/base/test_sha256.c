/* base/sha256: the vectors of FIPS 180-4 and RFC 6234, and every way of cutting the input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/sha256.h"

static const char *digest_of(const char *text, size_t len, size_t piece) {
    static char hex[SHA256_HEX_SIZE];
    struct sha256 s;
    sha256_init(&s);
    for (size_t at = 0; at < len; at += piece) {
        sha256_add(&s, text + at, len - at < piece ? len - at : piece);
    }
    sha256_end(&s, hex);
    return hex;
}

static void check(const char *text, const char *expected) {
    assert_string_equal(digest_of(text, strlen(text), 1000), expected);
}

static void test_sha256_vectors(void **state) {
    (void)state;
    check("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
          "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void test_sha256_a_million_a(void **state) {
    (void)state;
    static char text[1000000];
    memset(text, 'a', sizeof text);
    assert_string_equal(digest_of(text, sizeof text, 777),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_sha256_same_however_cut(void **state) {
    (void)state;
    char text[200];
    memset(text, 'x', sizeof text);
    for (size_t len = 0; len <= sizeof text; len++) {
        char whole[SHA256_HEX_SIZE];
        memcpy(whole, digest_of(text, len, 1000), sizeof whole);
        assert_string_equal(digest_of(text, len, 1), whole);
        assert_string_equal(digest_of(text, len, 63), whole);
        assert_string_equal(digest_of(text, len, 64), whole);
        assert_string_equal(digest_of(text, len, 65), whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_vectors),
        cmocka_unit_test(test_sha256_a_million_a),
        cmocka_unit_test(test_sha256_same_however_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
