/* SPDX-License-Identifier: MIT */
/* Whatever a file holds: no crash, no leak (under ASan), and either a credential or an error that
 * says why there is none. */
#include "test_credential_help.h"

#include <openssl/err.h>

static uint32_t seed = 20261122;

static uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % sides;
}

static const char *const corpus[] = {
    PEM "pump-7.crt",         PEM "pump-7.key",        PEM "pump-ec-sec1.key",
    PEM "encrypted.key",      PEM "encrypted-old.key", PEM "encrypted-scrypt.key",
    PEM "modern.p12",         PEM "legacy.p12",        PEM "nomac.p12",
    PEM "pump-7.der",         PEM "pump-7-key.der",    PEM "pump-7.p7b",
    PEM "pump-7.csr",         PEM "test-root.crl",     PEM "trusted.crt",
    PEM "ec-explicit.key",    PEM "ed25519.crt",       PEM "vendor-guide-example.pem",
    PEM "pump-ec-params.key", PEM "server-only.crt",   PEM "kdf-scrypt.key",
};

static void judge(int rc)
{
    struct secret body = {0};
    struct err err;

    if (rc != 0) {
        assert_null(taken);
        assert_int_equal(findings_worst(&said), SEVERITY_ERROR);
    } else {
        assert_non_null(taken);
        assert_true(credential_cert_count(taken) > 0 || credential_key(taken) != NULL);
        for (int slot = 0; slot < SLOT_COUNT; slot++)
            (void)!credential_encode(taken, (enum slot)slot, KEY_FORMAT_TRADITIONAL, true, &body,
                                     &err);
    }
    secret_reset(&body);
    assert_int_equal(ERR_peek_error(), 0); /* nothing is left in OpenSSL's queue */
}

static void cuts(void **state)
{
    (void)state;
    offered = right_passphrase;
    for (size_t f = 0; f < sizeof corpus / sizeof corpus[0]; f++) {
        struct buf clean = slurp(corpus[f]);

        for (size_t n = 0; n < clean.len; n += 1 + dice(40)) {
            char *copy = malloc(n + 1); /* of its own, so that ASan sees the end */

            assert_non_null(copy);
            memcpy(copy, clean.data, n);
            copy = realloc(copy, n > 0 ? n : 1);
            judge(take("cut", copy, n));
            for (int slot = 0; slot < SLOT_COUNT; slot++)
                (void)credential_device_accepts((enum slot)slot, copy, n);
            free(copy);
        }
        buf_reset(&clean);
    }
}

static void mutate(struct buf *text)
{
    static const char *const words[] = {
        "-----BEGIN ", "-----END ", "CERTIFICATE-----\n", "\\n", "\"",    "\r",
        "\n",          "\xC2\xA0",  "DEK-Info: ",         ",",   "-----", "*"};
    size_t at = dice((uint32_t)text->len), len;

    switch (dice(6)) {
    case 0:
        text->data[at] = (char)dice(256);
        break;
    case 1:
        text->data[at] = (char)(text->data[at] ^ (1 << dice(8)));
        break;
    case 2: /* lose a piece */
        len = dice(20);
        len = len < text->len - at ? len : text->len - at;
        memmove(text->data + at, text->data + at + len, text->len - at - len);
        text->len -= len;
        break;
    case 3: { /* write a word over it */
        const char *word = words[dice(sizeof words / sizeof words[0])];

        len = strlen(word) < text->len - at ? strlen(word) : text->len - at;
        memcpy(text->data + at, word, len);
        break;
    }
    case 4: /* repeat a piece */
        len = dice(100);
        len = len < text->len - at ? len : text->len - at;
        buf_add(text, text->data, 0);
        for (size_t i = 0; i < len; i++)
            buf_add_char(text, text->data[at + i]);
        break;
    default:
        text->data[at] = (char)(dice(2) ? 0x80 : 0xFF);
        break;
    }
}

static void mutations(void **state)
{
    const char *rounds = getenv("ROUNDS");
    long n = rounds != NULL ? atol(rounds) : 60;

    (void)state;
    offered = right_passphrase;
    for (size_t f = 0; f < sizeof corpus / sizeof corpus[0]; f++) {
        struct buf clean = slurp(corpus[f]);

        for (long i = 0; i < n; i++) {
            struct buf text = {0};

            buf_add(&text, clean.data, clean.len);
            for (uint32_t k = 1 + dice(4); k > 0 && text.len > 0; k--)
                mutate(&text);
            judge(take("mutated", text.data, text.len));
            for (int slot = 0; slot < SLOT_COUNT; slot++)
                (void)credential_device_accepts((enum slot)slot, text.data, text.len);
            buf_reset(&text);
        }
        buf_reset(&clean);
    }
}

static void rubbish(void **state)
{
    static const char letters[] = "-BEGINEND CERTIFICATE\n=MIID\\n\"'";
    char bytes[600];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        size_t n = dice(sizeof bytes);

        for (size_t k = 0; k < n; k++)
            bytes[k] = i % 2 ? (char)dice(256) : letters[dice(sizeof letters - 1)];
        judge(take("rubbish", bytes, n));
    }
}

/* A megabyte of one thing must not take forever. */
static void megabytes(void **state)
{
    static const char *const fillers[] = {"A",
                                          "-",
                                          "-----BEGIN CERTIFICATE-----\n",
                                          "-----END CERTIFICATE-----\n",
                                          "\n",
                                          "BEGIN ",
                                          "\\n",
                                          "-----BEGIN CERTIFICATE-----\\n",
                                          "MIIDQTCCAimgAwIBAgIT\n",
                                          "\x30\x80",
                                          "-----BEGIN X-----\n\xC2\xA0-----END X-----\n"};

    (void)state;
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
        struct buf text = {0};

        while (text.len + strlen(fillers[i]) <= 1 << 20)
            buf_add_str(&text, fillers[i]);
        judge(take("large", text.data, text.len));
        buf_reset(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts),
        cmocka_unit_test(mutations),
        cmocka_unit_test(rubbish),
        cmocka_unit_test(megabytes),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
