/* SPDX-License-Identifier: MIT */
#include "pki/pem.h"

#include <stdio.h>
#include <string.h>

#include "pki/armour.h"
#include "pki/body.h"
#include "pki/damage.h"
#include "pki/locked.h"
#include "pki/oddity.h"

/* More broken blocks than this are not looked for: nobody reads a thousand findings. */
enum { MAX_DAMAGED = 8 };

struct walk {
    struct intake *in;
    struct oddities odd;
    const char *chars;
    size_t n;
    size_t counted, line; /* `line` is the line of the character at `counted` */
    bool armour_said;
    size_t damaged; /* blocks */
};

/* A block: what is between two armours, one of which may be missing. */
struct block {
    const struct armour *begin, *end; /* not both NULL unless there is no armour at all */
    size_t from, to;                  /* of the body */
    size_t line;                      /* where the block begins */
    char what[128];                   /* "line 3 of x.pem" */
};

static size_t line_of(struct walk *w, size_t at)
{
    for (; w->counted < at; w->counted++)
        w->line += w->chars[w->counted] == '\n';
    for (; w->counted > at; w->counted--)
        w->line -= w->chars[w->counted - 1] == '\n';
    return w->line;
}

/* One line, or the piece of it that is outside all armour. beside: it stands on an armour line. */
static void look_outside(struct walk *w, size_t from, size_t to, bool beside)
{
    bool text = false;

    for (size_t i = from; i < to; i++) {
        char c = w->chars[i];

        if (c == TEXT_BLANK)
            oddity_add(&w->odd, ODD_NBSP, line_of(w, i), NULL);
        else if (c == ' ' || c == '\t')
            oddity_add(&w->odd, ODD_WHITE, beside ? line_of(w, i) : 0, NULL);
        else if (c != TEXT_NOTHING && c != TEXT_BREAK && c != '\f' && c != '\v')
            text = true;
        oddity_char(&w->odd, c);
    }
    if (text)
        oddity_add(&w->odd, ODD_EXTRA_TEXT, line_of(w, from), NULL);
}

static void outside(struct walk *w, size_t from, size_t to)
{
    size_t start = from;

    if (from > 0 && to < w->n && memchr(w->chars + from, '\n', to - from) == NULL &&
        memchr(w->chars + from, TEXT_BREAK, to - from) == NULL)
        oddity_add(&w->odd, ODD_GLUED, line_of(w, to), NULL);
    for (size_t i = from; i <= to; i++) {
        bool beside = (start == from && from > 0) || (i == to && to < w->n);

        if (i < to && w->chars[i] != '\n')
            continue;
        look_outside(w, start, i, beside);
        start = i + 1;
    }
}

static void note_body(struct walk *w, const struct block *b, const struct body *body)
{
    bool one_line = body->begins_on_armour && b->begin != NULL;

    oddity_add(&w->odd, ODD_NBSP, body->nbsp_line, NULL);
    oddity_add(&w->odd, ODD_BLANK_LINE, body->blank_line, NULL);
    oddity_add(&w->odd, ODD_EXTRA_TEXT, body->header_line, NULL);
    if (one_line)
        oddity_add(&w->odd, ODD_ARMOUR, b->line, "has base64 on the BEGIN line");
    else if (body->ends_on_armour && b->end != NULL)
        oddity_add(&w->odd, ODD_ARMOUR, line_of(w, b->to), "has base64 on the END line");
    if (body->padding_wrong)
        oddity_add(&w->odd, ODD_ARMOUR, line_of(w, b->to),
                   "has the wrong number of '=' at the end of the base64");
    if (!one_line) {
        oddity_add(&w->odd, ODD_WHITE, body->white_line, NULL);
        oddity_add(&w->odd, ODD_WIDTH, body->width_line, NULL);
    }
}

static void note_armour(struct walk *w, const struct block *b)
{
    char detail[128];

    if (b->begin == NULL)
        oddity_add(&w->odd, ODD_ARMOUR, b->line,
                   b->end != NULL ? "has no BEGIN line to its END" : "has no BEGIN and END lines");
    else if (b->end == NULL)
        oddity_add(&w->odd, ODD_ARMOUR, b->line, "has no END line to its BEGIN");
    for (int i = 0; i < 2; i++) {
        const struct armour *a = i == 0 ? b->begin : b->end;

        if (a == NULL || a->fault == NULL)
            continue;
        snprintf(detail, sizeof detail, "has %s line that %s", a->end ? "an END" : "a BEGIN",
                 a->fault);
        oddity_add(&w->odd, ODD_ARMOUR, line_of(w, a->start), detail);
    }
    if (b->begin != NULL && b->end != NULL && b->begin->label != b->end->label) {
        snprintf(detail, sizeof detail, "says %s at its begin and %s at its end",
                 b->begin->label->text, b->end->label->text);
        oddity_add(&w->odd, ODD_MISMATCH, b->line, detail);
    }
}

static const char *kind_text(enum der_kind kind)
{
    static const char *const texts[] = {
        [DER_KIND_UNKNOWN] = "something unknown",
        [DER_KIND_CERT] = "a certificate",
        [DER_KIND_CSR] = "a certificate request",
        [DER_KIND_CRL] = "a revocation list",
        [DER_KIND_PKCS8] = "a PKCS#8 key",
        [DER_KIND_PKCS8_ENCRYPTED] = "an encrypted PKCS#8 key",
        [DER_KIND_PKCS1] = "a PKCS#1 (RSA) key",
        [DER_KIND_SEC1] = "a SEC1 (EC) key",
        [DER_KIND_DSA] = "a DSA key",
        [DER_KIND_PUBLIC_KEY] = "a public key",
        [DER_KIND_PKCS7] = "a PKCS#7 bundle",
        [DER_KIND_PKCS12] = "a PKCS#12 file",
        [DER_KIND_PARAMETERS] = "parameters",
    };

    return texts[kind];
}

/* Says if the label promises something else than what is inside, or is one that small TLS
 * libraries do not know. */
static void note_label(struct walk *w, const struct block *b, enum der_kind kind)
{
    const struct armour_label *label = b->begin != NULL ? b->begin->label
                                       : b->end != NULL ? b->end->label
                                                        : NULL;
    char detail[160];

    if (label == NULL || (label->kind == kind && !label->odd))
        return;
    if (label->kind == kind)
        snprintf(detail, sizeof detail, "says %s, which devices do not know", label->text);
    else
        snprintf(detail, sizeof detail, "says %s but holds %s",
                 label->text[0] == '?' ? "something unknown" : label->text, kind_text(kind));
    oddity_add(&w->odd, ODD_LABEL, b->line, detail);
}

static bool is_private(const struct block *b)
{
    return (b->begin != NULL && b->begin->label->is_private) ||
           (b->end != NULL && b->end->label->is_private);
}

/* Says that the block cannot be read. */
static void say_damage(struct walk *w, const struct block *b, const struct body *body)
{
    struct damage d = {.what = b->what,
                       .text = w->chars + b->from,
                       .n = b->to - b->from,
                       .is_private = is_private(b),
                       .cut_off = b->begin != NULL && b->end == NULL,
                       .in_armour = b->begin != NULL || b->end != NULL};

    damage_say(w->in, &d, body);
    w->damaged++;
    if (w->odd.kind[ODD_ARMOUR].count > 0 && !w->armour_said) {
        intake_say(w->in, SEVERITY_ERROR, "pem-armour", NULL, "%s %s, in line %zu.", w->in->title,
                   w->odd.kind[ODD_ARMOUR].detail, w->odd.kind[ODD_ARMOUR].line);
        w->armour_said = true;
    }
}

/* The DER of a block, as far as it says that it goes. False if it is damaged. */
static bool take_der(struct walk *w, const struct block *b, const struct body *body)
{
    uint64_t claimed = der_claimed(body->der.data, body->der.len);
    size_t n = body->der.len;
    enum der_kind kind = der_kind(body->der.data, n);
    bool trusted = b->begin != NULL && strcmp(b->begin->label->text, "TRUSTED CERTIFICATE") == 0;

    if (kind == DER_KIND_UNKNOWN)
        return false;
    if (claimed > 0 && claimed < n)
        n = (size_t)claimed;
    if (kind == DER_KIND_PARAMETERS) {
        if (b->begin == NULL || b->begin->label->kind != kind)
            return false;
        intake_say(w->in, SEVERITY_NOTE, "pem-extra-text", NULL,
                   "The parameters in %s are not sent: a key names its curve itself.", b->what);
        return true;
    }
    if (!intake_take_der(w->in, kind, body->der.data, n, b->what))
        return false;
    if (n < body->der.len && !trusted)
        oddity_add(&w->odd, ODD_EXTRA_TEXT, b->line, NULL);
    note_label(w, b, kind);
    return true;
}

static void take_block(struct walk *w, struct block *b)
{
    const struct armour_label *label = b->begin != NULL ? b->begin->label : NULL;
    struct body body;
    bool good;

    b->line = line_of(w, b->begin != NULL ? b->begin->start : b->from);
    snprintf(b->what, sizeof b->what, "line %zu of %s", b->line, w->in->title);
    if (label != NULL && label->stranger != NULL) {
        intake_bystander(w->in, "not-pem", "Name a file with a certificate or a key for TLS.",
                         "There is %s in %s, which is not made for TLS", label->stranger, b->what);
        return;
    }
    if (body_read(&body, w->chars + b->from, b->to - b->from, line_of(w, b->from), NULL) != 0) {
        intake_no_memory(w->in);
        return;
    }
    note_armour(w, b);
    note_body(w, b, &body);
    good = body.fault == BODY_GOOD;
    if (good && body.dek[0] != '\0')
        good = locked_take_pem(w->in, body.der.data, body.der.len, body.dek, b->what);
    else if (good)
        good = take_der(w, b, &body);
    if (!good)
        say_damage(w, b, &body);
    body_reset(&body);
}

static bool is_body_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           strchr("+/= \t\r", c) != NULL || c == TEXT_BLANK || c == TEXT_NOTHING;
}

/* Where the lines of nothing but base64 begin that end at `to`. */
static size_t bare_start(const char *chars, size_t from, size_t to)
{
    size_t start = to;

    for (size_t i = to; i > from; i--) {
        if (chars[i - 1] == '\n' || chars[i - 1] == TEXT_BREAK)
            start = i;
        else if (!is_body_char(chars[i - 1]))
            return start;
    }
    return from;
}

/* An END without its BEGIN: what stands before it may still be whole. */
static void take_headless(struct walk *w, size_t from, const struct armour *end)
{
    struct block b = {.end = end, .from = bare_start(w->chars, from, end->start), .to = end->start};

    outside(w, from, b.from);
    take_block(w, &b);
}

static size_t take_armoured(struct walk *w)
{
    struct armour a, next;
    size_t at = 0, blocks = 0;
    bool more = armour_next(w->chars, w->n, 0, &a);

    while (more && w->damaged < MAX_DAMAGED) {
        blocks++;
        if (a.end) {
            take_headless(w, at, &a);
            at = a.stop;
            more = armour_next(w->chars, w->n, at, &a);
            continue;
        }
        outside(w, at, a.start);
        more = armour_next(w->chars, w->n, a.stop, &next);
        struct block b = {.begin = &a,
                          .end = more && next.end ? &next : NULL,
                          .from = a.stop,
                          .to = more ? next.start : w->n};
        take_block(w, &b);
        at = b.to;
        if (b.end != NULL) {
            at = next.stop;
            more = armour_next(w->chars, w->n, at, &next);
        }
        a = next;
    }
    if (blocks > 0 && at < w->n && !more)
        outside(w, at, w->n);
    return blocks;
}

/* No armour at all. Only taken for PEM if it is base64 from end to end and begins as DER does. */
static bool take_bare(struct walk *w)
{
    struct block b = {.from = bare_start(w->chars, 0, w->n), .to = w->n};
    const char *p = w->chars;
    size_t i = 0;

    while (i < w->n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n'))
        i++;
    if (b.from != 0 || w->n - i < 64 || p[i] != 'M')
        return false;
    b.from = i;
    take_block(w, &b);
    return true;
}

bool pem_take(struct intake *in, struct text *text)
{
    struct walk w = {.in = in, .line = 1};

    text_unescape(text);
    w.chars = (const char *)text->chars.data;
    w.n = text->chars.len;
    if (take_armoured(&w) == 0 && !take_bare(&w))
        return false;
    if (w.armour_said)
        w.odd.kind[ODD_ARMOUR].count = 0;
    oddity_say(&w.odd, in, text);
    return true;
}
