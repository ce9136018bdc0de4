/* SPDX-License-Identifier: MIT */
#include "test_credential_help.h"

#include "pki/glance.h"

#define ROOTS "src/pki/roots/"
#define CHECK PEM "check/"

/* 2026-11-22 */
static const time_t now = 1795305600;

static void assert_line(const char *what, const char *want)
{
    struct buf out = {0};

    if (taken != NULL)
        glance(taken, now, &out);
    else
        glance_findings(&said, &out);
    if (out.data == NULL || strcmp(out.data, want) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", what, out.data, want);
    buf_reset(&out);
}

static void test_files(void **state)
{
    static const struct {
        const char *path, *want;
    } rows[] = {
        {PEM "digicert-global-root-g2.pem",
         "root DigiCert Global Root G2 (Azure public cloud), RSA 2048, 4072 days left"},
        {ROOTS "baltimore-cybertrust-root.pem",
         "root Baltimore CyberTrust Root (Azure until 2024), RSA 2048, expired 2025-05-12"},
        {ROOTS "digicert-global-root-ca.pem",
         "root DigiCert Global Root CA (not Azure's public cloud), RSA 2048, 1814 days left"},
        {ROOTS "amazon-root-ca-3.pem", "root Amazon Root CA 3 (AWS), EC P-256, 4934 days left"},
        {ROOTS "isrg-root-x1.pem", "root ISRG Root X1, RSA 4096, 3116 days left"},
        {CHECK "azure-both.pem",
         "root DigiCert Global Root G2 (Azure public cloud) and 1 more, RSA "
         "2048, 4072 days left"},
        {PEM "test-root.crt", "CA certificate CN=Test Root, RSA 2048, 6249 days left"},
        {PEM "pump-7.crt", "certificate CN=pump-7, RSA 2048, 6249 days left"},
        {PEM "pump-7.der", "certificate CN=pump-7, RSA 2048, 6249 days left"},
        {PEM "pump-7-chain.crt", "certificate CN=pump-7 and 2 more, RSA 2048, 6249 days left"},
        {PEM "pump-7-disorder.crt", "certificate CN=pump-7 and 2 more, RSA 2048, 6249 days left"},
        {PEM "pump-7-both.pem",
         "certificate CN=pump-7 with its private key, RSA 2048, 6249 days left"},
        {PEM "nopass.p12", "certificate CN=pump-7 with its private key, RSA 2048, 6249 days left"},
        {CHECK "no-cn.crt", "certificate O=Example, EC P-256, 3327 days left"},
        {CHECK "hostile.crt", "certificate CN=\\x1B[31mpump\\rx, EC P-256, 3327 days left"},
        {CHECK "soon.crt", "certificate CN=pump-7, EC P-256, 9 days left"},
        {PEM "expired.crt", "certificate CN=pump-7, RSA 2048, expired 2025-01-01"},
        {PEM "not-yet.crt", "certificate CN=pump-7, RSA 2048, not valid before 2030-01-01"},
        {PEM "server-only.crt",
         "certificate CN=broker.example, RSA 2048, for servers only: no clientAuth"},
        {PEM "pump-7.key", "private key RSA 2048"},
        {PEM "pump-ec-sec1.key", "private key EC P-256"},
        {PEM "ed25519.key", "private key Ed25519"},
        {PEM "encrypted.key", "encrypted private key: needs its passphrase"},
        {PEM "encrypted.der", "encrypted private key: needs its passphrase"},
        {PEM "modern.p12", "encrypted PKCS#12 file: needs its passphrase"},
        {PEM "kdf-cost.p12", "encrypted PKCS#12 file: takes too long to open"},
        {PEM "kdf-scrypt.key", "encrypted private key: takes too long to open"},
        {PEM "vendor-guide-example.pem", "damaged PEM"},
        {PEM "pump-7.csr", "certificate request, not a certificate"},
        {PEM "pump-7-csr.der", "certificate request, not a certificate"},
        {PEM "test-root.crl", "list of revoked certificates, not a certificate"},
        {PEM "pump-7.p7b", "PKCS#7 bundle: has to be converted first"},
        {PEM "pump-7.pub", "public key, not a private one"},
        {PEM "dsa.key", "private key of a kind that devices cannot use"},
        {PEM "openssh.key", "no certificate or key"},
        {PEM "make.sh", "no certificate or key"},
        {PEM "check", "cannot be read"},
        {PEM "none", "no such file"},
    };

    (void)state;
    offered = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)take_file(rows[i].path);
        assert_line(rows[i].path, rows[i].want);
    }
    forget();
}

static void test_passphrases(void **state)
{
    static const char *const wrong[] = {"battery staple", NULL};

    (void)state;
    offered = wrong;
    assert_int_equal(take_file(PEM "encrypted.key"), ERR_VALUE);
    assert_line("wrong", "encrypted private key: the passphrase was wrong");
    offered = right_passphrase;
    assert_int_equal(take_file(PEM "modern.p12"), 0);
    assert_line("right",
                "certificate CN=pump-7 and 2 more with its private key, RSA 2048, 6249 days left");
    forget();
}

/* Two files in one, and half a file. */
static void test_made(void **state)
{
    struct buf text = slurp(PEM "pump-7.crt"), key = slurp(PEM "other.key");
    struct buf der = slurp(PEM "pump-7.der");

    (void)state;
    buf_add(&text, key.data, key.len);
    assert_int_equal(take_buf("x.pem", &text), 0);
    assert_line("mixed",
                "certificate CN=pump-7 with another's private key, RSA 2048, 6249 days left");
    assert_int_equal(take("x.der", der.data, der.len / 2), ERR_VALUE);
    assert_line("half", "damaged certificate or key");
    assert_int_equal(take("x.pem", "", 0), ERR_VALUE);
    assert_line("empty", "empty file");
    buf_reset(&key);
    buf_reset(&der);
    forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_passphrases),
        cmocka_unit_test(test_made),
    };

    if (start_pki() != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
