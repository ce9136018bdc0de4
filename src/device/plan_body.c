/* SPDX-License-Identifier: MIT */
#include "device/plan_build.h"

#include <string.h>

#include "base/buf.h"
#include "job/check.h"
#include "pki/credential.h"

enum { BODY_LARGE = 4000 }; /* many devices keep no more than 4 kB of certificate */

/* Gives the body the profile's line ends. */
static int set_line_ends(const struct profile *p, const struct secret *clean, struct secret *out)
{
    const char *eol = eol_bytes(p->upload.body_eol);
    size_t eol_len = strlen(eol), lines = 0, n = clean->len;
    const unsigned char *at = clean->data, *end;
    int rc;

    if (!p->upload.body_last_eol && n > 0 && at[n - 1] == '\n')
        n--;
    for (size_t i = 0; i < n; i++)
        lines += at[i] == '\n';
    /* At once: a secret that grows would be moved, and wiped, for every line. */
    rc = secret_reserve(out, n + lines * eol_len, NULL);
    for (end = at + n; rc == 0 && at < end;) {
        const unsigned char *lf = memchr(at, '\n', (size_t)(end - at));

        rc = secret_append(out, at, (size_t)((lf != NULL ? lf : end) - at), NULL);
        if (rc == 0 && lf != NULL)
            rc = secret_append(out, eol, eol_len, NULL);
        at = lf != NULL ? lf + 1 : end;
    }
    return rc;
}

/* --- scanning --------------------------------------------------------------------------------- */

/* The first place where the device would see the end of the body: body->len if all is well. The
 * terminator may begin inside the body and end in itself. */
static size_t find_end(const struct secret *body, const char *terminator)
{
    size_t len = strlen(terminator);

    for (size_t i = 0; i < body->len && len > 0; i++) {
        size_t inside = body->len - i < len ? body->len - i : len;

        if (memcmp(body->data + i, terminator, inside) == 0 &&
            memcmp(terminator, terminator + inside, len - inside) == 0)
            return i;
    }
    return body->len;
}

static size_t find_forbidden(const struct secret *body, const char *forbid)
{
    for (size_t i = 0; i < body->len; i++) {
        unsigned char c = body->data[i];

        if (c == 0x7F || (c != '\0' && forbid != NULL && strchr(forbid, c) != NULL))
            return i;
    }
    return body->len;
}

/* Name, line and offset, never what stands there. */
static void refuse_byte(struct plan_builder *b, enum slot slot, const struct secret *body,
                        size_t at, const char *what)
{
    const char *eol = eol_bytes(b->profile->upload.body_eol);
    size_t line = 1;

    for (size_t i = 0; i < at; i++)
        line += body->data[i] == (unsigned char)eol[strlen(eol) - 1];
    findings_add(b->findings, SEVERITY_ERROR, "pem-terminator", job_credential_place(b->job, slot),
                 b->job->transfer.terminator != NULL
                     ? "Check the terminator (transfer.terminator): clean PEM holds letters, "
                       "digits, + / = and -."
                     : "Check the profile: clean PEM holds letters, digits, + / = and -.",
                 "the %s holds %s, at byte %zu in line %zu: the device would take the rest for "
                 "commands, or damage it",
                 slot_title(slot), what, at + 1, line);
}

static void scan(struct plan_builder *b, enum slot slot, const struct secret *body)
{
    size_t at = find_end(body, b->terminator);

    if (at < body->len)
        refuse_byte(b, slot, body, at, "what ends an upload");
    at = find_forbidden(body, b->profile->upload.forbid);
    if (at < body->len)
        refuse_byte(b, slot, body, at,
                    body->data[at] == 0x7F ? "the byte 0x7F" : "a byte that the profile forbids");
}

/* --- size ------------------------------------------------------------------------------------- */

static void check_size(struct plan_builder *b, enum slot slot, size_t n)
{
    struct place place = job_credential_place(b->job, slot);
    long max = b->profile->upload.max_bytes;

    if (max > 0 && n > (size_t)max)
        findings_add(b->findings, SEVERITY_ERROR, "size-limit", place,
                     "Use a smaller key or an EC certificate, or leave certificates out of the "
                     "chain.",
                     "the %s has %zu bytes; this device takes at most %ld", slot_title(slot), n,
                     max);
    else if (max == 0 && n > BODY_LARGE)
        findings_add(b->findings, SEVERITY_WARNING, "size-large", place,
                     "If the device refuses it, use a smaller key or a shorter chain.",
                     "the %s has %zu bytes; the device's limit is not known, and many keep no more "
                     "than 4096",
                     slot_title(slot), n);
}

static void check_window(struct plan_builder *b, enum slot slot, size_t n)
{
    const struct profile *p = b->profile;
    usec time = line_time(&b->plan->line, n) * 100 / p->upload.rate_percent;
    usec window = p->upload.window_ms * USEC_PER_MS;

    if (window == 0 || time <= window)
        return;
    findings_add(b->findings, SEVERITY_ERROR, "window-too-short",
                 job_credential_place(b->job, slot), "Use a faster line (port.baud).",
                 "the %s takes %lld ms at %ld baud; this device gives up after %ld ms",
                 slot_title(slot), (long long)(time / USEC_PER_MS), b->plan->line.baud,
                 p->upload.window_ms);
}

/* --- digest ----------------------------------------------------------------------------------- */

/* Byte pairs, first byte high; an odd last byte is a high one. */
static unsigned xor16(const struct secret *body)
{
    unsigned sum = 0;

    for (size_t i = 0; i < body->len; i++)
        sum ^= (unsigned)body->data[i] << (i % 2 == 0 ? 8 : 0);
    return sum;
}

static void set_digest(struct plan_builder *b, struct exchange *x)
{
    struct buf text = {0};

    x->digest = b->profile->upload.digest;
    switch (x->digest) {
    case DIGEST_NONE:
        return;
    case DIGEST_SIZE:
        buf_printf(&text, "%zu", x->body.len);
        break;
    case DIGEST_XOR16:
        buf_printf(&text, "%04X", xor16(&x->body));
        break;
    case DIGEST_SHA256_SENT:
        pki_sha256_hex(x->body.data, x->body.len, x->expected_digest);
        return;
    }
    if (text.failed)
        b->nomem = b->findings->lost = true;
    else
        memcpy(x->expected_digest, text.data, text.len + 1);
    buf_reset(&text);
}

/* Most probably a file in the wrong place, which check_job says too. */
static void refuse_file(struct plan_builder *b, enum slot slot, const struct err *err)
{
    b->refused = true;
    if (check_slot(b->job, slot, b->findings))
        findings_add(b->findings, SEVERITY_ERROR, "value-missing",
                     job_credential_place(b->job, slot), "Name a file that holds it.",
                     "the %s cannot be made from its file: %s", slot_title(slot), err->text);
}

bool plan_make_body(struct plan_builder *b, struct exchange *x, enum slot slot)
{
    const struct profile *p = b->profile;
    struct secret clean = {0};
    struct err err = {0};
    int rc = credential_encode(b->job->credentials[slot].credential, slot, p->upload.key_format,
                               p->upload.chain, &clean, &err);

    if (rc == ERR_VALUE)
        refuse_file(b, slot, &err);
    else if (rc == 0)
        rc = set_line_ends(p, &clean, &x->body);
    secret_reset(&clean);
    if (rc == ERR_VALUE || !plan_went_well(b, rc))
        return false;
    scan(b, slot, &x->body);
    check_size(b, slot, x->body.len);
    check_window(b, slot, x->body.len + strlen(b->terminator));
    set_digest(b, x);
    return true;
}
