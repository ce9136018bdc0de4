/* SPDX-License-Identifier: MIT */
/* What is promised about memory: freed means wiped. */
#include "test_credential_help.h"

#include <sys/prctl.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

static void not_dumpable(void **state)
{
    (void)state;
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    assert_int_equal(CRYPTO_secure_malloc_initialized(), 1);
}

static void never_twice(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(pki_start(&err), ERR_INTERNAL);
}

static void realloc_keeps(void **state)
{
    char *p = OPENSSL_malloc(10);

    (void)state;
    memcpy(p, "123456789", 10);
    p = OPENSSL_realloc(p, 100000);
    assert_string_equal(p, "123456789");
    p = OPENSSL_realloc(p, 10);
    assert_string_equal(p, "123456789");
    assert_null(OPENSSL_realloc(p, 0));
    p = OPENSSL_realloc(NULL, 4);
    assert_non_null(p);
    OPENSSL_free(p);
    OPENSSL_free(NULL);
}

/* Counts where `needle` stands in writable memory of this process, mappings of secrets included. */
static size_t sightings(const unsigned char *needle, size_t n)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    FILE *mem = fopen("/proc/self/mem", "r");
    char line[512];
    size_t count = 0;

    assert_non_null(maps);
    assert_non_null(mem);
    setvbuf(mem, NULL, _IONBF, 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char mode[8];
        unsigned char *copy, *p, *end;

        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r' ||
            mode[1] != 'w' || to - from > 64UL << 20)
            continue;
        copy = malloc(to - from);
        if (copy == NULL || fseek(mem, (long)from, SEEK_SET) != 0 ||
            fread(copy, 1, to - from, mem) != to - from) {
            free(copy);
            continue;
        }
        end = copy + (to - from);
        for (p = copy; (p = memmem(p, (size_t)(end - p), needle, n)) != NULL; p++)
            count++;
        explicit_bzero(copy, to - from);
        free(copy);
    }
    fclose(mem);
    fclose(maps);
    return count;
}

/* A piece of the private exponent, xored so that the test itself does not hold it. */
static void piece_of_key(unsigned char out[24])
{
    struct buf text = slurp(PEM "pump-7-key.der");

    for (size_t i = 0; i < 24; i++)
        out[i] = (unsigned char)(text.data[400 + i] ^ 0x5A);
    explicit_bzero(text.data, text.capacity);
    buf_reset(&text);
}

static size_t sightings_of_key(const unsigned char hidden[24])
{
    unsigned char needle[24];
    size_t count;

    for (size_t i = 0; i < 24; i++)
        needle[i] = (unsigned char)(hidden[i] ^ 0x5A);
    /* Less the needle itself. */
    count = sightings(needle, 24) - 1;
    explicit_bzero(needle, sizeof needle);
    return count;
}

static void nothing_is_left(void **state)
{
    static const char *const files[] = {
        PEM "pump-7.key",        PEM "pump-7-pkcs1.key",  PEM "pump-7-key.der", PEM "encrypted.key",
        PEM "encrypted-old.key", PEM "encrypted-des.key", PEM "pump-7-both.pem"};
    unsigned char hidden[24];
    struct secret body = {0};
    struct err err;

    (void)state;
    offered = right_passphrase;
    piece_of_key(hidden);
    assert_int_equal(sightings_of_key(hidden), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_int_equal(take_file(files[i]), 0);
        assert_true(sightings_of_key(hidden) >= 1); /* the test sees it while it is there */
        for (int format = 0; format < 2; format++) {
            assert_int_equal(credential_encode(taken, SLOT_DEVICE_KEY, (enum key_format)format,
                                               false, &body, &err),
                             0);
            assert_true(credential_device_accepts(SLOT_DEVICE_KEY, body.data, body.len));
        }
        assert_true(sightings_of_key(hidden) >= 1);
        secret_reset(&body);
        forget();
        if (sightings_of_key(hidden) != 0)
            fail_msg("%s: %zu copies of the key are left", files[i], sightings_of_key(hidden));
    }
}

/* The same for a file that fails half-way. */
static void nothing_is_left_of_failures(void **state)
{
    struct buf text = slurp(PEM "pump-7.key"), other = slurp(PEM "other.key");
    unsigned char hidden[24];

    (void)state;
    buf_add(&text, other.data, other.len);
    buf_reset(&other);
    piece_of_key(hidden);
    assert_int_equal(take("two.key", text.data, text.len), ERR_VALUE);
    explicit_bzero(text.data, text.capacity);
    buf_reset(&text);
    forget();
    assert_int_equal(sightings_of_key(hidden), 0);
}

/* A fleet's worth, one after the other, needs no more secure memory than one. */
static void secure_heap_is_given_back(void **state)
{
    size_t before;

    (void)state;
    assert_int_equal(take_file(PEM "pump-7.key"), 0);
    forget();
    before = CRYPTO_secure_used();
    for (int i = 0; i < 200; i++) {
        assert_int_equal(take_file(PEM "pump-7.key"), 0);
        /* Held as DER in a secret; the secure heap is only used while it is read. */
        assert_int_equal(CRYPTO_secure_used(), before);
        forget();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_dumpable),
        cmocka_unit_test(never_twice),
        cmocka_unit_test(realloc_keeps),
        cmocka_unit_test(nothing_is_left),
        cmocka_unit_test(nothing_is_left_of_failures),
        cmocka_unit_test(secure_heap_is_given_back),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
