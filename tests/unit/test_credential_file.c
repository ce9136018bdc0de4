/* SPDX-License-Identifier: MIT */
/* Files that hold something else, cannot be read, or hold more than one thing; and what a
 * certificate says about itself and the others. */
#include "test_credential_help.h"

#include <sys/stat.h>
#include <unistd.h>

static void refused(void **state)
{
    static const struct {
        const char *path, *code, *text;
    } rows[] = {
        {PEM "pump-7.csr", "is-csr", "certificate request"},
        {PEM "pump-7-csr.der", "is-csr", "pump-7-csr.der"},
        {PEM "test-root.crl", "is-crl", "revoked"},
        {PEM "pump-7.p7b", "is-pkcs7", "PKCS#7"},
        {PEM "pump-7-der.p7b", "is-pkcs7", "PKCS#7"},
        {PEM "pump-7.pub", "is-public-key", "public key"},
        {PEM "pump-7-rsa.pub", "is-public-key", "public key"},
        {PEM "openssh.key", "not-pem", "OpenSSH"},
        {PEM "no-such-file.pem", "file-missing", "no-such-file.pem"},
        {PEM, "file-unreadable", "folder"},
        {"Makefile", "not-pem", "text without"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int rc = take_file(rows[i].path);

        assert_true(rc < 0);
        assert_null(taken);
        assert_text(the(rows[i].code, SEVERITY_ERROR)->what, rows[i].text);
        assert_int_equal(findings_count(&said, SEVERITY_ERROR), 1);
    }
    assert_int_equal(take_file(PEM "no-such-file.pem"), ERR_MISSING);
    take_file(PEM "pump-7.p7b");
    assert_text(findings_get(&said, "is-pkcs7")->remedy,
                "openssl pkcs7 -print_certs -in pump-7.p7b");
}

static void strangers(void **state)
{
    static const struct {
        const char *text, *is;
    } rows[] = {
        {"<!DOCTYPE html>\n<html><head></head></html>", "a web page"},
        {"\xEF\xBB\xBF\n <HTML>", "a web page"},
        {"%PDF-1.7\n%\xE2\xE3\xCF\xD3", "a PDF"},
        {"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n", "PuTTY"},
        {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ pump", "SSH public key"},
        {"HostName=h.azure-devices.net;DeviceId=p;SharedAccessKey=AAAA", "connection string"},
        {"SharedAccessSignature sr=x&sig=y&se=1", "SAS token"},
        {"{\\rtf1\\ansi hello}", "Rich Text"},
        {"PK\x03\x04\x14", "ZIP"},
        {"\xFE\xED\xFE\xED\x02", "Java"},
        {"\x89PNG\r\n\x1A\n", "picture"},
        {"DF:3C:24:F9:BF:D6:66:76:1B:26:80:73:FE:06:D1:CC:8D:4F:82:A4\n", "thumbprint"},
        {"hello\n", "text without"},
        {"0\n", "text without"},
        {"\x01\x02\x03\x05\x06\x07\x08\x0E\x0F", "of any known form"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(take("x.pem", rows[i].text, strlen(rows[i].text)), ERR_VALUE);
        assert_text(the("not-pem", SEVERITY_ERROR)->what, rows[i].is);
        assert_int_equal(said.count, 1);
        assert_non_null(said.items[0].remedy);
    }
    assert_int_equal(take("x.pem", "", 0), ERR_VALUE);
    the("file-empty", SEVERITY_ERROR);
    assert_int_equal(take("x.pem", "\n\n \n", 4), ERR_VALUE);
    the("not-pem", SEVERITY_ERROR);
}

static void too_large(void **state)
{
    char path[] = "/tmp/comcert-large-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
    close(fd);
    assert_int_equal(take_file(path), ERR_VALUE);
    the("file-too-large", SEVERITY_ERROR);
    unlink(path);
}

/* Beside something useful they are only a warning. */
static void bystanders(void **state)
{
    struct buf text = slurp(PEM "pump-7.csr"), key = slurp(PEM "pump-7.key");

    (void)state;
    buf_add(&text, key.data, key.len);
    assert_int_equal(take_buf("both.pem", &text), 0);
    the("is-csr", SEVERITY_WARNING);
    assert_non_null(credential_key(taken));
    text = slurp(PEM "pump-7.pub");
    buf_add(&text, key.data, key.len);
    assert_int_equal(take_buf("both.pem", &text), 0);
    the("is-public-key", SEVERITY_WARNING);
    buf_reset(&key);
}

/* The file's name never reaches a terminal as it is. */
static void odd_names(void **state)
{
    (void)state;
    assert_int_equal(take("a\x1B[31mb\n.pem", "hello", 5), ERR_VALUE);
    assert_null(strchr(said.items[0].what, '\x1B'));
    assert_null(strchr(said.items[0].what, '\n'));
    assert_int_equal(take("$(rm).p7b", "hello", 5), ERR_VALUE);
}

static void der(void **state)
{
    struct buf text = slurp(PEM "pump-7.der");
    size_t whole = text.len;

    (void)state;
    assert_int_equal(take_file(PEM "pump-7.der"), 0);
    assert_string_equal(codes(), "der-input");
    assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, false, PEM "pump-7.crt");
    buf_add_str(&text, "\r\n");
    assert_int_equal(take("x.der", text.data, text.len), 0);
    the("pem-extra-text", SEVERITY_WARNING);
    assert_int_equal(take("x.der", text.data, whole - 1), ERR_VALUE);
    assert_text(the("pem-damaged", SEVERITY_ERROR)->what, "its end is missing");
    /* As FTP in text mode leaves it: every LF has become CR LF. */
    buf_reset(&text);
}

static void described(void **state)
{
    const struct cert_info *info;

    (void)state;
    assert_int_equal(take_file(PEM "pump-7-chain.crt"), 0);
    assert_int_equal(credential_cert_count(taken), 3);
    assert_null(credential_cert(taken, 3));
    assert_null(credential_key(taken));
    assert_string_equal(credential_name(taken), PEM "pump-7-chain.crt");
    info = credential_cert(taken, 0);
    assert_string_equal(info->subject, "CN=pump-7");
    assert_string_equal(info->issuer, "CN=Test Sub CA,O=comcert tests");
    assert_string_equal(info->common_name, "pump-7");
    assert_string_equal(info->eku, "clientAuth");
    assert_string_equal(info->key_usage, "digitalSignature");
    assert_string_equal(info->signature, "sha256WithRSAEncryption");
    assert_string_equal(info->key.name, "RSA 2048");
    assert_int_equal(info->not_before, 1735689600);
    assert_int_equal(info->not_after, 2335219200);
    assert_int_equal(info->version, 3);
    assert_false(info->is_ca || info->self_issued || info->self_signed || info->signature_weak);
    assert_true(info->has_eku && info->eku_client && !info->eku_server);
    assert_int_equal(strlen(info->sha1), 40);
    assert_int_equal(strlen(info->sha256), 64);
    assert_null(info->sans);
    info = credential_cert(taken, 2);
    assert_true(info->is_ca && info->self_issued && info->self_signed && !info->has_eku);

    assert_int_equal(take_file(PEM "server-only.crt"), 0);
    info = credential_cert(taken, 0);
    assert_string_equal(info->sans, "DNS:broker.example, DNS:*.broker.example, IP:192.0.2.1");
    assert_true(info->has_eku && !info->eku_client && info->eku_server);
    assert_int_equal(take_file(PEM "v1.crt"), 0);
    assert_int_equal(credential_cert(taken, 0)->version, 1);
    assert_false(credential_cert(taken, 0)->has_eku);
    assert_int_equal(take_file(PEM "sha1.crt"), 0);
    assert_true(credential_cert(taken, 0)->signature_weak);
    assert_int_equal(take_file(PEM "md5.crt"), 0);
    assert_true(credential_cert(taken, 0)->signature_weak);
    assert_int_equal(take_file(PEM "ec-explicit.crt"), 0);
    assert_true(credential_cert(taken, 0)->key.ec_explicit);
    assert_int_equal(take_file(PEM "ed25519.crt"), 0);
    assert_int_equal(credential_cert(taken, 0)->key.type, KEY_ED25519);
    assert_int_equal(take_file(PEM "expired.crt"), 0);
    assert_int_equal(credential_cert(taken, 0)->not_after, 1735689600);
}

static struct credential *keep(const char *path)
{
    struct credential *c;

    assert_int_equal(take_file(path), 0);
    c = taken;
    taken = NULL;
    return c;
}

static void relations(void **state)
{
    struct credential *key = keep(PEM "pump-7.key"), *cert = keep(PEM "pump-7.crt"),
                      *chain = keep(PEM "pump-7-chain.crt"), *other = keep(PEM "other.key"),
                      *ec = keep(PEM "pump-ec.crt"), *ec_key = keep(PEM "pump-ec-sec1.key"),
                      *both = keep(PEM "pump-7-both.pem"), *root = keep(PEM "test-root.crt");

    (void)state;
    assert_true(credential_key_matches(key, cert, 0));
    assert_string_equal(credential_key(key)->sha256, credential_cert(cert, 0)->key.sha256);
    assert_false(credential_key_matches(other, cert, 0));
    assert_false(credential_key_matches(key, chain, 0));
    assert_false(credential_key_matches(key, cert, 1));
    assert_false(credential_key_matches(cert, cert, 0)); /* has no key */
    assert_true(credential_key_matches(ec_key, ec, 0));
    assert_string_equal(credential_key(ec_key)->sha256, credential_cert(ec, 0)->key.sha256);
    assert_false(credential_key_matches(key, ec, 0));
    assert_true(credential_key_matches(both, cert, 0));
    assert_int_equal(credential_fits(both), SLOT_DEVICE_CERT);
    assert_int_equal(credential_fits(key), SLOT_DEVICE_KEY);
    assert_int_equal(credential_fits(root), SLOT_SERVER_CA);
    assert_int_equal(credential_fits(chain), SLOT_DEVICE_CERT);

    assert_true(credential_issued_by(chain, 0, chain, 1));
    assert_true(credential_issued_by(chain, 1, chain, 2));
    assert_true(credential_issued_by(chain, 1, root, 0));
    assert_true(credential_issued_by(root, 0, root, 0));
    assert_true(credential_issued_by(ec, 0, chain, 1));
    assert_false(credential_issued_by(chain, 0, chain, 2));
    assert_false(credential_issued_by(cert, 0, root, 0));
    assert_false(credential_issued_by(cert, 1, root, 0));
    credential_destroy(key);
    credential_destroy(cert);
    credential_destroy(chain);
    credential_destroy(other);
    credential_destroy(ec);
    credential_destroy(ec_key);
    credential_destroy(both);
    credential_destroy(root);
    credential_destroy(NULL);
}

static void chains(void **state)
{
    struct buf leaf = slurp(PEM "pump-7-ca.crt"), sub = slurp(PEM "test-sub.crt"), want = {0};
    struct secret body = {0};
    struct err err;

    (void)state;
    buf_add(&want, leaf.data, leaf.len);
    buf_add(&want, sub.data, sub.len);
    /* Whatever its order in the file: the leaf, what issued it, and no root. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(take_file(i == 0 ? PEM "pump-7-chain.crt" : PEM "pump-7-disorder.crt"), 0);
        assert_int_equal(credential_leaf(taken), i);
        assert_int_equal(
            credential_encode(taken, SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, true, &body, &err), 0);
        assert_string_equal((char *)body.data, want.data);
        assert_true(credential_device_accepts(SLOT_DEVICE_CERT, body.data, body.len));
        assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, false, PEM "pump-7-ca.crt");
    }
    /* As a server CA: the first, or all in the file's order. */
    assert_body(SLOT_SERVER_CA, KEY_FORMAT_PKCS8, false, PEM "test-root.crt");
    assert_body(SLOT_SERVER_CA, KEY_FORMAT_PKCS8, true, PEM "pump-7-disorder.crt");
    assert_int_equal(credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, true, &body, &err),
                     ERR_VALUE);
    assert_text(err.text, "holds no private key");
    assert_string_equal((char *)body.data, want.data);
    secret_reset(&body);
    buf_reset(&leaf);
    buf_reset(&sub);
    buf_reset(&want);
}

static bool accepts(enum slot slot, const struct buf *text)
{
    return credential_device_accepts(slot, text->data, text->len);
}

static void device_is_strict(void **state)
{
    struct buf cert = slurp(PEM "pump-7.crt"), key = slurp(PEM "pump-7.key"), text = {0};
    static const char *const refused_certs[] = {
        PEM "wildcard-text.crt", PEM "trusted.crt",     PEM "pump-7.csr",
        PEM "pump-7.p7b",        PEM "pump-7.der",      PEM "ed25519.crt",
        PEM "ec-explicit.crt",   PEM "pump-7-both.pem", PEM "vendor-guide-example.pem"};
    static const char *const refused_keys[] = {
        PEM "encrypted.key",   PEM "encrypted-old.key",  PEM "pump-7.pub",     PEM "ed25519.key",
        PEM "ec-explicit.key", PEM "pump-ec-params.key", PEM "pump-7-key.der", PEM "openssh.key"};

    (void)state;
    assert_true(accepts(SLOT_DEVICE_CERT, &cert));
    assert_true(accepts(SLOT_SERVER_CA, &cert));
    assert_false(accepts(SLOT_DEVICE_KEY, &cert));
    assert_true(accepts(SLOT_DEVICE_KEY, &key));
    assert_false(accepts(SLOT_DEVICE_CERT, &key));
    for (size_t i = 0; i < sizeof refused_certs / sizeof refused_certs[0]; i++) {
        text = slurp(refused_certs[i]);
        assert_false(accepts(SLOT_DEVICE_CERT, &text));
        buf_reset(&text);
    }
    for (size_t i = 0; i < sizeof refused_keys / sizeof refused_keys[0]; i++) {
        text = slurp(refused_keys[i]);
        assert_false(accepts(SLOT_DEVICE_KEY, &text));
        buf_reset(&text);
    }
    assert_false(credential_device_accepts(SLOT_DEVICE_CERT, "", 0));
    assert_false(credential_device_accepts(SLOT_DEVICE_CERT, "\n", 1));
    /* Every cut but the one of the last line end. */
    for (size_t n = 0; n < cert.len - 1; n++)
        assert_false(credential_device_accepts(SLOT_DEVICE_CERT, cert.data, n));
    assert_true(credential_device_accepts(SLOT_DEVICE_CERT, cert.data, cert.len - 1));
    /* CR LF is fine, CR alone is not. */
    for (size_t i = 0; i < cert.len; i++) {
        if (cert.data[i] == '\n')
            buf_add_char(&text, '\r');
        buf_add_char(&text, cert.data[i]);
    }
    assert_true(accepts(SLOT_DEVICE_CERT, &text));
    buf_reset(&text);
    for (size_t i = 0; i < cert.len; i++)
        buf_add_char(&text, cert.data[i] == '\n' ? '\r' : cert.data[i]);
    assert_false(accepts(SLOT_DEVICE_CERT, &text));
    buf_reset(&text);
    /* Two certificates, but one key. */
    buf_add(&text, cert.data, cert.len);
    buf_add(&text, cert.data, cert.len);
    assert_true(accepts(SLOT_DEVICE_CERT, &text));
    buf_reset(&text);
    buf_add(&text, key.data, key.len);
    buf_add(&text, key.data, key.len);
    assert_false(accepts(SLOT_DEVICE_KEY, &text));
    buf_reset(&text);
    buf_add(&text, cert.data, cert.len);
    buf_add_str(&text, "*");
    assert_false(accepts(SLOT_DEVICE_CERT, &text));
    buf_reset(&text);
    buf_reset(&cert);
    buf_reset(&key);
}

static void unfit(void **state)
{
    static const time_t now = 1795305600; /* 2026-11-22 */
    static const struct {
        const char *file, *why; /* NULL: fit */
    } rows[] = {
        {PEM "pump-7.crt", NULL},
        {PEM "pump-7-ca.crt", NULL},
        {PEM "digicert-global-root-g2.pem", NULL},
        {PEM "v1.crt", NULL},
        {PEM "check/expired.crt", "expired 2021-01-01"},
        {PEM "check/future.crt", "not valid before 2030-01-01"},
        {PEM "server-only.crt", "for servers only: no clientAuth"},
        {PEM "check/rsa1024.crt", "key too short (RSA 1024)"},
        {PEM "md5.crt", "signed with MD5"},
        {PEM "sha1.crt", "signed with SHA-1"},
        {PEM "check/ed25519.crt", "key of a kind that devices cannot use (Ed25519)"},
        {PEM "check/explicit.crt", "key spells out its curve's parameters"},
        {PEM "check/damaged.crt", "damaged: its own signature does not fit"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *why;

        assert_int_equal(take_file(rows[i].file), 0);
        why = credential_unfit(taken, credential_leaf(taken), now);
        if (why == NULL ? rows[i].why != NULL
                        : rows[i].why == NULL || strcmp(why, rows[i].why) != 0)
            fail_msg("%s: %s", rows[i].file, why != NULL ? why : "fit");
    }
    assert_null(credential_unfit(taken, 99, now));
}

static void hash(void **state)
{
    char out[65];

    (void)state;
    pki_sha256_hex("abc", 3, out);
    assert_string_equal(out, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),   cmocka_unit_test(strangers),
        cmocka_unit_test(too_large), cmocka_unit_test(bystanders),
        cmocka_unit_test(odd_names), cmocka_unit_test(der),
        cmocka_unit_test(described), cmocka_unit_test(relations),
        cmocka_unit_test(chains),    cmocka_unit_test(device_is_strict),
        cmocka_unit_test(hash),      cmocka_unit_test(unfit),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
