/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TEST_CREDENTIAL_HELP_H
#define COMCERT_TEST_CREDENTIAL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "pki/credential.h"
#include "pki/pki.h"

/* What the tests of credentials share: one file taken in, and what was said about it. */

#define PEM "fixtures/pem/"

static struct credential *taken;
static struct findings said;

static inline struct buf slurp(const char *path)
{
    struct secret bytes = {0};
    struct buf out = {0};
    struct err err;

    if (file_read(path, 1 << 20, &bytes, &err) != 0)
        fail_msg("%s", err.text);
    buf_add(&out, bytes.data, bytes.len);
    secret_reset(&bytes);
    return out;
}

static inline void forget(void)
{
    credential_destroy(taken);
    taken = NULL;
    findings_reset(&said);
}

static const char *const *offered; /* passphrases, ended by NULL */
static int asked;

static inline int offer(void *ctx, const char *file, int attempt, struct secret *out,
                        struct err *err)
{
    (void)ctx;
    assert_non_null(file);
    assert_int_equal(attempt, asked);
    asked++;
    for (int i = 0; offered != NULL && offered[i] != NULL; i++) {
        if (i == attempt)
            return secret_set(out, offered[i], strlen(offered[i]), err);
    }
    return err_set(err, ERR_MISSING, "no passphrase");
}

static const struct passphrase_source offers = {offer, NULL};
static const char *const right_passphrase[] = {"correct horse", NULL};

static const struct place here = {.key = "certificates.device-cert", .file = "job.cfg", .line = 7};

static inline int take(const char *name, const void *bytes, size_t n)
{
    forget();
    asked = 0;
    return credential_decode(name, bytes, n, here, &offers, &taken, &said);
}

static inline int take_buf(const char *name, struct buf *text)
{
    int rc = take(name, text->data != NULL ? text->data : "", text->len);

    buf_reset(text);
    return rc;
}

static inline int take_file(const char *path)
{
    forget();
    asked = 0;
    return credential_read(path, here, &offers, &taken, &said);
}

/* The codes of what was said, in their order of being said: "pem-bom pem-crlf". */
static inline const char *codes(void)
{
    static char text[512];

    text[0] = '\0';
    for (size_t i = 0; i < said.count; i++) {
        /* Depends on the umask of whoever checked this out. */
        if (strcmp(said.items[i].code, "key-readable") == 0)
            continue;
        if (text[0] != '\0')
            strcat(text, " ");
        strcat(text, said.items[i].code);
    }
    return text;
}

static inline const struct finding *the(const char *code, enum severity severity)
{
    const struct finding *f = findings_get(&said, code);

    if (f == NULL)
        fail_msg("no %s but: %s", code, codes());
    assert_int_equal(f->severity, severity);
    assert_string_equal(f->key, "certificates.device-cert");
    assert_string_equal(f->file, "job.cfg");
    assert_int_equal(f->line, 7);
    return f;
}

static inline void assert_text(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text != NULL ? text : "(null)");
}

static inline void assert_body(enum slot slot, enum key_format format, bool chain, const char *path)
{
    struct secret body = {0};
    struct buf want = slurp(path);
    struct err err = {0};

    if (credential_encode(taken, slot, format, chain, &body, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(body.len, want.len);
    assert_memory_equal(body.data, want.data, want.len);
    assert_true(credential_device_accepts(slot, body.data, body.len));
    secret_reset(&body);
    buf_reset(&want);
}

static inline int start_pki(void)
{
    struct err err;

    if (pki_start(&err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}

#endif
