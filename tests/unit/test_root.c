/* SPDX-License-Identifier: MIT */
#include "test_credential_help.h"

#include <openssl/pem.h>

#include "pki/root.h"

static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % sides;
}

static void table_is_true(void **state)
{
    size_t count = 0;

    (void)state;
    for (const struct known_root *r = root_table(); r->name != NULL; r++, count++) {
        assert_int_equal(take("root.pem", r->pem, strlen(r->pem)), 0);
        assert_string_equal(codes(), "");
        assert_string_equal(credential_cert(taken, 0)->sha256, r->sha256);
        assert_true(credential_cert(taken, 0)->self_signed);
        assert_true(credential_cert(taken, 0)->is_ca);
        assert_int_equal(credential_fits(taken), SLOT_SERVER_CA);
        assert_ptr_equal(root_by_sha256(r->sha256), r);
        assert_non_null(r->note);
    }
    assert_int_equal(count, 13);
    assert_null(root_by_sha256(""));
    assert_int_equal(
        root_by_sha256("8ECDE6884F3D87B1125BA31AC3FCB13D7016DE7F57CC904FE1CB97C6AE98196E")->role,
        ROOT_AWS);
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Somewhere in the base64 of text. */
static size_t some_place(const struct buf *text)
{
    size_t at;

    do
        at = 28 + dice((uint32_t)text->len - 28 - 26);
    while (text->data[at] == '\n');
    return at;
}

static void damage(struct buf *text, int changed, int lost)
{
    for (int i = 0; i < changed; i++) {
        size_t at = some_place(text);
        char was = text->data[at];

        while (text->data[at] == was)
            text->data[at] = base64[dice(64)];
    }
    for (int i = 0; i < lost; i++) {
        size_t at = some_place(text);

        memmove(text->data + at, text->data + at + 1, text->len - at);
        text->len--;
    }
}

static void damaged_ones_are_named(void **state)
{
    (void)state;
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        for (seed = 1; seed <= 200; seed++) {
            uint32_t keep = seed;
            struct buf text = {0};
            const struct known_root *found;

            seed *= 2654435761U;
            buf_add_str(&text, r->pem);
            damage(&text, 5, 1);
            found = root_resembling(text.data, text.len);
            if (found != r)
                fail_msg("%s, seed %u: %s", r->name, keep, found != NULL ? found->name : "none");
            /* And the same through the front door, by whichever way it is noticed. */
            if (keep <= 10) {
                take("root.pem", text.data, text.len);
                assert_true(findings_worst(&said) == SEVERITY_ERROR);
                assert_text(said.items[0].what, r->name);
            }
            buf_reset(&text);
            seed = keep;
        }
    }
}

static void changed_only_are_named(void **state)
{
    (void)state;
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        for (uint32_t i = 1; i <= 100; i++) {
            struct buf text = {0};

            seed = i * 2654435761U;
            buf_add_str(&text, r->pem);
            damage(&text, 1, 0);
            take("root.pem", text.data, text.len);
            /* The unused bits at the end of base64 carry nothing. */
            if (taken != NULL && credential_cert_count(taken) == 1 &&
                root_by_sha256(credential_cert(taken, 0)->sha256) == r) {
                buf_reset(&text);
                continue;
            }
            assert_true(said.count > 0 && said.items[0].severity == SEVERITY_ERROR);
            assert_text(said.items[0].what, r->name);
            buf_reset(&text);
        }
    }
}

/* The beginning or the end of one is enough, as on a page that was cut. */
static void halves_are_named(void **state)
{
    (void)state;
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        size_t n = strlen(r->pem);

        assert_ptr_equal(root_resembling(r->pem, n / 2), r);
        assert_ptr_equal(root_resembling(r->pem + n / 2, n - n / 2), r);
    }
}

static void strangers_are_not_named(void **state)
{
    static const char *const files[] = {
        PEM "test-root.crt",      PEM "test-sub.crt",     PEM "pump-7-ca.crt",
        PEM "pump-7.crt",         PEM "pump-ec.crt",      PEM "pump-p384.crt",
        PEM "expired.crt",        PEM "server-only.crt",  PEM "ed25519.crt",
        PEM "rsa-1024.crt",       PEM "ec-explicit.crt",  PEM "wildcard-text.crt",
        PEM "bag-attributes.pem", PEM "pump-7.csr",       PEM "test-root.crl",
        PEM "pump-7.key",         PEM "pump-7-chain.crt", "Makefile",
    };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct buf text = slurp(files[i]);

        if (root_resembling(text.data, text.len) != NULL)
            fail_msg("%s is taken for %s", files[i], root_resembling(text.data, text.len)->name);
        buf_reset(&text);
    }
    assert_null(root_resembling("", 0));
    assert_null(root_resembling("MIID", 4));
}

/* Certificates that have as much in common with a root as can be: its names, its key, its
 * extensions; only serial number and signature are other ones. */
static void near_relations_are_not_named(void **state)
{
    EVP_PKEY *signer = EVP_RSA_gen(2048);

    (void)state;
    assert_non_null(signer);
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        BIO *in = BIO_new_mem_buf(r->pem, -1), *out = BIO_new(BIO_s_mem());
        X509 *x509 = PEM_read_bio_X509(in, NULL, NULL, NULL);
        char *text;
        long n;

        /* An intermediate with the same subject style, issued by the root. */
        assert_non_null(x509);
        X509_set_pubkey(x509, signer);
        X509_set_issuer_name(x509, X509_get_subject_name(x509));
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 123456789);
        assert_true(X509_sign(x509, signer, EVP_sha256()) > 0);
        PEM_write_bio_X509(out, x509);
        n = BIO_get_mem_data(out, &text);
        if (root_resembling(text, (size_t)n) != NULL)
            fail_msg("a certificate issued by %s is taken for it", r->name);
        take("sub.pem", text, (size_t)n);
        assert_null(findings_get(&said, "cert-resembles-root"));
        BIO_free(in);
        BIO_free(out);
        X509_free(x509);
    }
    EVP_PKEY_free(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_true),           cmocka_unit_test(damaged_ones_are_named),
        cmocka_unit_test(changed_only_are_named),  cmocka_unit_test(halves_are_named),
        cmocka_unit_test(strangers_are_not_named), cmocka_unit_test(near_relations_are_not_named),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
