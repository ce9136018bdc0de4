/* SPDX-License-Identifier: MIT */
/* Keys in every form, and what stands behind a passphrase. */
#include "test_credential_help.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void assert_key(const char *path, const char *name, const char *wanted)
{
    offered = NULL;
    if (take_file(path) != 0)
        fail_msg("%s: %s", path, codes());
    assert_string_equal(codes(), wanted);
    assert_non_null(credential_key(taken));
    assert_string_equal(credential_key(taken)->name, name);
    assert_int_equal(credential_cert_count(taken), 0);
    assert_int_equal(credential_fits(taken), SLOT_DEVICE_KEY);
    assert_int_equal(asked, 0);
}

static void plain(void **state)
{
    (void)state;
    assert_key(PEM "pump-7.key", "RSA 2048", "");
    assert_int_equal(credential_key(taken)->type, KEY_RSA);
    assert_int_equal(credential_key(taken)->bits, 2048);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7.key");
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_TRADITIONAL, false, PEM "pump-7-pkcs1.key");
    assert_key(PEM "pump-7-pkcs1.key", "RSA 2048", "");
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7.key");
    assert_key(PEM "pump-ec.key", "EC P-256", "");
    assert_int_equal(credential_key(taken)->type, KEY_EC);
    assert_false(credential_key(taken)->ec_explicit);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-ec.key");
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_TRADITIONAL, false, PEM "pump-ec-sec1.key");
    assert_key(PEM "pump-ec-sec1.key", "EC P-256", "");
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-ec.key");
    assert_key(PEM "pump-ec-params.key", "EC P-256", "pem-extra-text");
    the("pem-extra-text", SEVERITY_NOTE);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-ec.key");
    assert_key(PEM "pump-p384.key", "EC P-384", "");
    assert_key(PEM "rsa-1024.key", "RSA 1024", "");
    assert_key(PEM "pump-7-key.der", "RSA 2048", "der-input");
    the("der-input", SEVERITY_NOTE);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7.key");
}

/* The DER inside the armour of the key in `taken`, in SEC1's form. */
static size_t sec1_of_taken(unsigned char *der)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct secret pem = {0};
    struct err err;
    const char *p;
    unsigned bits = 0, held = 0;
    size_t n = 0;

    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_TRADITIONAL, false, &pem, &err), 0);
    for (p = strchr((char *)pem.data, '\n'); *p != '-' && *p != '='; p++) {
        if (*p == '\n')
            continue;
        bits = bits << 6 | (unsigned)(strchr(digits, *p) - digits);
        held += 6;
        if (held >= 8) {
            held -= 8;
            der[n++] = (unsigned char)(bits >> held);
        }
    }
    secret_reset(&pem);
    return n;
}

static void pkcs8_of_taken(struct secret *out)
{
    struct err err;

    assert_int_equal(credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, out, &err),
                     0);
}

/* EC keys as OpenSSL writes them go a short way. It says what the long way says of the same key
 * without its public half, and takes no key of which a bit was changed. */
static void short_way(void **state)
{
    static const struct {
        const char *file, *name;
        size_t head, number, middle; /* sizes in SEC1's form */
    } keys[] = {{PEM "pump-ec.key", "EC P-256", 7, 32, 17},
                {PEM "pump-p384.key", "EC P-384", 8, 48, 14}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct secret body = {0}, other = {0};
        unsigned char der[256], bare[256];
        size_t n, m, tail;
        char hash[65];

        assert_key(keys[i].file, keys[i].name, "");
        assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, keys[i].file);
        strcpy(hash, credential_key(taken)->sha256);
        pkcs8_of_taken(&body);
        n = sec1_of_taken(der);
        assert_int_equal(take("sec1.der", der, n), 0);
        assert_string_equal(credential_key(taken)->sha256, hash);
        pkcs8_of_taken(&other);
        assert_int_equal(other.len, body.len);
        assert_memory_equal(other.data, body.data, body.len);
        for (size_t at = keys[i].head; at < n; at++) {
            /* The point's first byte may say "with the other coordinate's sign". */
            if (at == keys[i].head + keys[i].number)
                at += keys[i].middle + 1;
            for (unsigned bit = 1; bit < 256; bit *= 16) {
                der[at] ^= (unsigned char)bit;
                if (take("sec1.der", der, n) == 0)
                    fail_msg("%s: byte %zu, bit %u", keys[i].file, at, bit);
                der[at] ^= (unsigned char)bit;
            }
        }
        /* The public half is the last element: tag, length, no spare bits, point. */
        tail = 5 + 1 + 2 * keys[i].number;
        m = n - tail;
        m -= keys[i].head - 7; /* the outer length needs one byte now */
        bare[0] = 0x30;
        bare[1] = (unsigned char)(m - 2);
        memcpy(bare + 2, der + (keys[i].head - 5), m - 2);
        assert_int_equal(take("bare.der", bare, m), 0);
        assert_string_equal(credential_key(taken)->sha256, hash);
        assert_string_equal(credential_key(taken)->name, keys[i].name);
        secret_reset(&body);
        secret_reset(&other);
    }
}

/* Read, because checking is for others; but no device takes them. */
static void odd_kinds(void **state)
{
    struct secret body = {0};
    struct err err;

    (void)state;
    assert_key(PEM "ec-explicit.key", "EC P-256", "");
    assert_true(credential_key(taken)->ec_explicit);
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, &body, &err), 0);
    assert_false(credential_device_accepts(SLOT_DEVICE_KEY, body.data, body.len));
    assert_key(PEM "ed25519.key", "Ed25519", "");
    assert_int_equal(credential_key(taken)->type, KEY_ED25519);
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, &body, &err), 0);
    assert_false(credential_device_accepts(SLOT_DEVICE_KEY, body.data, body.len));
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_TRADITIONAL, false, &body, &err),
        ERR_VALUE);
    assert_true(body.len > 0); /* as it was */
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, true, &body, &err), ERR_VALUE);
    secret_reset(&body);
    assert_int_equal(take_file(PEM "dsa.key"), ERR_VALUE);
    assert_text(the("key-unsupported", SEVERITY_ERROR)->what, "DSA");
    assert_int_equal(take_file(PEM "x25519.key"), ERR_VALUE);
    assert_text(the("key-unsupported", SEVERITY_ERROR)->what, "X25519");
    assert_int_equal(take_file(PEM "rsa-primes.key"), ERR_VALUE);
    assert_text(the("key-unsupported", SEVERITY_ERROR)->what, "more than two primes");
}

static void encrypted(void **state)
{
    static const char *const files[] = {
        PEM "encrypted.key",        PEM "encrypted-scrypt.key",  PEM "encrypted-des.key",
        PEM "encrypted-old.key",    PEM "encrypted-old-des.key", PEM "encrypted.der",
        PEM "encrypted-old-ec.key",
    };
    static const char *const third_time[] = {"wrong", "", "correct horse", NULL};
    static const char *const wrong[] = {"Tr0ub4dor&3", "swordfish", NULL};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *plain_key = strstr(files[i], "-ec") ? PEM "pump-ec.key" : PEM "pump-7.key";

        offered = right_passphrase;
        assert_int_equal(take_file(files[i]), 0);
        assert_int_equal(asked, 1);
        assert_string_equal(codes(), strstr(files[i], ".der") ? "der-input" : "");
        assert_null(findings_get(&said, "key-readable"));
        assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, plain_key);

        offered = third_time;
        assert_int_equal(take_file(files[i]), 0);
        assert_int_equal(asked, 3);
        assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, plain_key);

        offered = NULL;
        assert_int_equal(take_file(files[i]), ERR_VALUE);
        assert_text(the("key-encrypted", SEVERITY_ERROR)->remedy, "--passphrase-file");
        assert_text(the("key-encrypted", SEVERITY_ERROR)->remedy, "--passphrase-fd");
        assert_null(taken);

        offered = wrong;
        assert_int_equal(take_file(files[i]), ERR_VALUE);
        assert_int_equal(asked, 3);
        assert_null(strstr(the("passphrase-wrong", SEVERITY_ERROR)->what, "swordfish"));
    }
}

static int refuse(void *ctx, const char *file, int attempt, struct secret *out, struct err *err)
{
    (void)ctx;
    (void)file;
    (void)out;
    assert_int_equal(attempt, 0);
    return err_set(err, ERR_ACCESS, "cannot open secret.txt: permission denied");
}

static int same_again(void *ctx, const char *file, int attempt, struct secret *out, struct err *err)
{
    (void)ctx;
    (void)file;
    assert_true(attempt < 100);
    return secret_set(out, "wrong", 5, err);
}

static void sources(void **state)
{
    const struct passphrase_source none = {NULL, NULL}, broken = {refuse, NULL},
                                   stubborn = {same_again, NULL};
    const char *path = PEM "encrypted.key";

    (void)state;
    forget();
    assert_int_equal(credential_read(path, here, NULL, &taken, &said), ERR_VALUE);
    the("key-encrypted", SEVERITY_ERROR);
    forget();
    assert_int_equal(credential_read(path, here, &none, &taken, &said), ERR_VALUE);
    the("key-encrypted", SEVERITY_ERROR);
    forget();
    assert_int_equal(credential_read(path, here, &broken, &taken, &said), ERR_VALUE);
    assert_text(the("key-encrypted", SEVERITY_ERROR)->what, "secret.txt: permission denied");
    forget();
    assert_int_equal(credential_read(path, here, &stubborn, &taken, &said), ERR_VALUE);
    the("passphrase-wrong", SEVERITY_ERROR);
}

/* Said before it is spent: neither a passphrase nor time. */
static void costs(void **state)
{
    static const char *const files[] = {PEM "kdf-cost.key", PEM "kdf-scrypt.key",
                                        PEM "kdf-cost.p12"};
    struct timespec a, b;

    (void)state;
    offered = right_passphrase;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_int_equal(take_file(files[i]), ERR_VALUE);
        assert_non_null(the("kdf-cost", SEVERITY_ERROR)->remedy);
        assert_int_equal(asked, 0);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 < 300);
    take_file(PEM "kdf-cost.key");
    assert_text(the("kdf-cost", SEVERITY_ERROR)->what, "3000000");
}

static void pkcs12(void **state)
{
    (void)state;
    offered = right_passphrase;
    assert_int_equal(take_file(PEM "modern.p12"), 0);
    assert_string_equal(codes(), "pkcs12-input");
    the("pkcs12-input", SEVERITY_NOTE);
    assert_int_equal(credential_cert_count(taken), 3);
    assert_string_equal(credential_cert(taken, 0)->common_name, "pump-7");
    assert_true(credential_key_matches(taken, taken, 0));
    assert_int_equal(credential_fits(taken), SLOT_DEVICE_CERT);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7-ca.key");
    assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, false, PEM "pump-7-ca.crt");

    assert_int_equal(take_file(PEM "legacy.p12"), 0);
    assert_string_equal(codes(), "pkcs12-input pkcs12-legacy");
    the("pkcs12-legacy", SEVERITY_WARNING);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7-ca.key");
    assert_body(SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, true, PEM "pump-7-ca.crt");

    assert_int_equal(take_file(PEM "nomac.p12"), 0);
    assert_int_equal(credential_cert_count(taken), 1);
    assert_int_equal(take_file(PEM "certs-only.p12"), 0);
    assert_null(credential_key(taken));
    assert_string_equal(credential_cert(taken, 0)->common_name, "Test Sub CA");
    /* The empty passphrase is tried unasked. */
    assert_int_equal(take_file(PEM "nopass.p12"), 0);
    assert_int_equal(asked, 0);
    assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, PEM "pump-7-ca.key");
}

static void pkcs12_locked(void **state)
{
    static const char *const files[] = {PEM "modern.p12", PEM "legacy.p12", PEM "nomac.p12"};
    static const char *const wrong[] = {"swordfish", NULL};
    static const char *const second[] = {"swordfish", "correct horse", NULL};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        offered = NULL;
        assert_int_equal(take_file(files[i]), ERR_VALUE);
        the("key-encrypted", SEVERITY_ERROR);
        offered = wrong;
        assert_int_equal(take_file(files[i]), ERR_VALUE);
        the("passphrase-wrong", SEVERITY_ERROR);
        offered = second;
        assert_int_equal(take_file(files[i]), 0);
        assert_int_equal(asked, 2);
        assert_non_null(credential_key(taken));
    }
}

/* The label lies about the body, in all ways that keys know. */
static void labels(void **state)
{
    static const struct {
        const char *file, *label, *plain;
    } rows[] = {
        {PEM "pump-7.key", "RSA PRIVATE KEY", PEM "pump-7.key"},
        {PEM "pump-7.key", "EC PRIVATE KEY", PEM "pump-7.key"},
        {PEM "pump-7.key", "CERTIFICATE", PEM "pump-7.key"},
        {PEM "pump-7.key", "ANY PRIVATE KEY", PEM "pump-7.key"},
        {PEM "pump-7-pkcs1.key", "PRIVATE KEY", PEM "pump-7.key"},
        {PEM "pump-ec-sec1.key", "PRIVATE KEY", PEM "pump-ec.key"},
        {PEM "encrypted.key", "PRIVATE KEY", PEM "pump-7.key"},
    };

    (void)state;
    offered = right_passphrase;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf was = slurp(rows[i].file), text = {0};
        char *body = strchr(was.data, '\n'), *end = strstr(was.data, "-----END");

        *end = '\0';
        buf_printf(&text, "-----BEGIN %s-----%s-----END %s-----\n", rows[i].label, body,
                   rows[i].label);
        assert_int_equal(take_buf("odd.key", &text), 0);
        assert_string_equal(codes(), "pem-label");
        the("pem-label", SEVERITY_WARNING);
        assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, rows[i].plain);
        buf_reset(&was);
    }
}

static void several(void **state)
{
    struct buf text = slurp(PEM "pump-7.key"), other = slurp(PEM "other.key");

    (void)state;
    buf_add(&text, other.data, other.len);
    assert_int_equal(take_buf("keys.pem", &text), ERR_VALUE);
    the("key-several", SEVERITY_ERROR);
    assert_null(taken);
    buf_reset(&other);
}

/* One changed character anywhere in a key is noticed, even where it still parses. */
static void changed_characters(void **state)
{
    static const char *const files[] = {PEM "pump-7.key", PEM "pump-7-pkcs1.key", PEM "pump-ec.key",
                                        PEM "pump-ec-sec1.key"};

    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        struct buf clean = slurp(files[f]);
        size_t from = (size_t)(strchr(clean.data, '\n') - clean.data) + 1;
        size_t to =
            (size_t)(strstr(clean.data, "=") ? strstr(clean.data, "=") - clean.data - 1
                                             : strstr(clean.data, "\n-----END") - clean.data);

        for (size_t i = from; i < to; i++) {
            struct buf text = {0};

            if (clean.data[i] == '\n')
                continue;
            buf_add(&text, clean.data, clean.len);
            text.data[i] = clean.data[i] == 'Q' ? 'R' : 'Q';
            if (take_buf("changed.key", &text) == 0) {
                /* What is not needed to rebuild the key may change: what is sent is the same. */
                assert_body(SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false,
                            f < 2 ? PEM "pump-7.key" : PEM "pump-ec.key");
            } else {
                assert_true(findings_worst(&said) == SEVERITY_ERROR);
                assert_null(strstr(said.items[0].what, "looks like"));
            }
        }
        buf_reset(&clean);
    }
}

static void readable(void **state)
{
    char path[] = "/tmp/comcert-key-XXXXXX";
    struct buf text = slurp(PEM "pump-7.key");
    struct err err;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(file_write(path, 0600, true, text.data, text.len, &err), 0);
    assert_int_equal(take_file(path), 0);
    assert_null(findings_get(&said, "key-readable"));
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(take_file(path), 0);
    assert_text(the("key-readable", SEVERITY_WARNING)->what, "private key");
    assert_text(the("key-readable", SEVERITY_WARNING)->remedy, "chmod 600 FILE");
    unlink(path);
    buf_reset(&text);
}

/* What is left can be told and compared. */
static void test_forgotten(void **state)
{
    struct secret body = {0};
    struct err err;

    (void)state;
    assert_int_equal(take_file(PEM "pump-7-both.pem"), 0);
    credential_forget_key(taken);
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_PKCS8, false, &body, &err), ERR_VALUE);
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_KEY, KEY_FORMAT_TRADITIONAL, false, &body, &err),
        ERR_VALUE);
    assert_int_equal(
        credential_encode(taken, SLOT_DEVICE_CERT, KEY_FORMAT_PKCS8, false, &body, &err), 0);
    assert_true(credential_key_matches(taken, taken, 0));
    assert_string_equal(credential_key(taken)->name, "RSA 2048");
    secret_reset(&body);
    forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_way),
        cmocka_unit_test(plain),
        cmocka_unit_test(odd_kinds),
        cmocka_unit_test(encrypted),
        cmocka_unit_test(sources),
        cmocka_unit_test(costs),
        cmocka_unit_test(pkcs12),
        cmocka_unit_test(pkcs12_locked),
        cmocka_unit_test(labels),
        cmocka_unit_test(several),
        cmocka_unit_test(changed_characters),
        cmocka_unit_test(readable),
        cmocka_unit_test(test_forgotten),
    };
    int failed;

    if (start_pki() != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    forget();
    pki_stop();
    return failed;
}
