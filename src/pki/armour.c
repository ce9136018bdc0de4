/* SPDX-License-Identifier: MIT */
#include "pki/armour.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pki/text.h"

/* Longer ones before those that they begin with. */
static const struct armour_label labels[] = {
    {"CERTIFICATE REQUEST", DER_KIND_CSR, false, false, NULL},
    {"CERTIFICATE", DER_KIND_CERT, false, false, NULL},
    {"NEW CERTIFICATE REQUEST", DER_KIND_CSR, false, false, NULL},
    {"X509 CERTIFICATE", DER_KIND_CERT, true, false, NULL},
    {"TRUSTED CERTIFICATE", DER_KIND_CERT, true, false, NULL},
    {"X509 CRL", DER_KIND_CRL, false, false, NULL},
    {"PKCS7", DER_KIND_PKCS7, false, false, NULL},
    {"PKCS #7 SIGNED DATA", DER_KIND_PKCS7, false, false, NULL},
    {"CMS", DER_KIND_PKCS7, false, false, NULL},
    {"PRIVATE KEY", DER_KIND_PKCS8, false, true, NULL},
    {"ENCRYPTED PRIVATE KEY", DER_KIND_PKCS8_ENCRYPTED, false, true, NULL},
    {"ANY PRIVATE KEY", DER_KIND_PKCS8, true, true, NULL},
    {"RSA PRIVATE KEY", DER_KIND_PKCS1, false, true, NULL},
    {"EC PRIVATE KEY", DER_KIND_SEC1, false, true, NULL},
    {"DSA PRIVATE KEY", DER_KIND_DSA, false, true, NULL},
    {"OPENSSH PRIVATE KEY", DER_KIND_UNKNOWN, false, true, "an OpenSSH private key"},
    {"PUBLIC KEY", DER_KIND_PUBLIC_KEY, false, false, NULL},
    {"RSA PUBLIC KEY", DER_KIND_PUBLIC_KEY, false, false, NULL},
    {"SSH2 PUBLIC KEY", DER_KIND_UNKNOWN, false, false, "an SSH public key"},
    {"EC PARAMETERS", DER_KIND_PARAMETERS, false, false, NULL},
    {"DSA PARAMETERS", DER_KIND_PARAMETERS, false, false, NULL},
    {"DH PARAMETERS", DER_KIND_PARAMETERS, false, false, NULL},
    {"X9.42 DH PARAMETERS", DER_KIND_PARAMETERS, false, false, NULL},
    {"PGP PRIVATE KEY BLOCK", DER_KIND_UNKNOWN, false, true, "a PGP private key"},
    {"PGP PUBLIC KEY BLOCK", DER_KIND_UNKNOWN, false, false, "a PGP public key"},
    {"PGP MESSAGE", DER_KIND_UNKNOWN, false, false, "a PGP message"},
};

/* For armour that names something else. */
static const struct armour_label unknown_label = {"?", DER_KIND_UNKNOWN, false, true, NULL};

static bool is_dash(char c)
{
    return c == '-' || c == TEXT_DASH;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == TEXT_BLANK || c == TEXT_NOTHING;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == TEXT_BREAK;
}

static size_t skip_gap(const char *chars, size_t n, size_t i)
{
    while (i < n && is_gap(chars[i]))
        i++;
    return i;
}

static size_t skip_dashes(const char *chars, size_t n, size_t i)
{
    while (i < n && is_dash(chars[i]))
        i++;
    return i;
}

/* The length of the word BEGIN or END at i, or 0. */
static size_t word_at(const char *chars, size_t n, size_t i)
{
    size_t len = 0;

    if (n - i > 5 && strncasecmp(chars + i, "BEGIN", 5) == 0)
        len = 5;
    else if (n - i > 3 && strncasecmp(chars + i, "END", 3) == 0)
        len = 3;
    return len > 0 && is_gap(chars[i + len]) ? len : 0;
}

/* The label at i, past which *stop is set. An unknown one must end in hyphens to count as one. */
static const struct armour_label *label_at(const char *chars, size_t n, size_t i, size_t *stop)
{
    size_t k = i;

    for (size_t l = 0; l < sizeof labels / sizeof labels[0]; l++) {
        size_t len = strlen(labels[l].text);

        if (n - i >= len && strncasecmp(chars + i, labels[l].text, len) == 0 &&
            (i + len == n || !isalnum((unsigned char)chars[i + len]))) {
            *stop = i + len;
            return &labels[l];
        }
    }
    while (k < n && k - i < 64 && (isalnum((unsigned char)chars[k]) || strchr(" #.", chars[k])))
        k++;
    *stop = k;
    return k > i && k + 1 < n && is_dash(chars[k]) && is_dash(chars[k + 1]) ? &unknown_label : NULL;
}

static bool at_line_start(const char *chars, size_t i)
{
    while (i > 0 && is_gap(chars[i - 1]))
        i--;
    return i == 0 || is_line_end(chars[i - 1]);
}

static bool only_hyphens(const char *chars, size_t from, size_t to)
{
    for (; from < to; from++) {
        if (chars[from] != '-')
            return false;
    }
    return true;
}

struct parts {
    size_t start, word, word_end, label, label_end, tail, stop;
};

static const char *fault_of(const char *chars, const struct parts *p,
                            const struct armour_label *label)
{
    size_t left = skip_dashes(chars, p->word, p->start);

    if (!only_hyphens(chars, p->start, left) || !only_hyphens(chars, p->tail, p->stop))
        return "has dashes in it that are not plain hyphens";
    if (left - p->start != 5 || p->stop - p->tail != 5)
        return "does not have five hyphens on each side";
    if (left != p->word || p->tail != p->label_end || p->label != p->word_end + 1 ||
        chars[p->word_end] != ' ')
        return "has blanks where none belong";
    for (size_t i = p->word; i < p->label_end; i++) {
        if (islower((unsigned char)chars[i]))
            return "is not in capital letters";
    }
    return label == &unknown_label ? "names something unknown" : NULL;
}

/* Hyphens before the word: from where they start, not before `from`. */
static size_t left_edge(const char *chars, size_t from, size_t word)
{
    size_t i = word;

    while (i > from && is_gap(chars[i - 1]))
        i--;
    if (i == from || !is_dash(chars[i - 1]))
        return word;
    while (i > from && is_dash(chars[i - 1]))
        i--;
    return i;
}

/* Hyphens after the label. Those between a glued END and BEGIN are shared out. */
static void right_edge(const char *chars, size_t n, struct parts *p)
{
    size_t i = skip_gap(chars, n, p->label_end), stop = skip_dashes(chars, n, i);

    p->tail = stop > i ? i : p->label_end;
    p->stop = stop > i ? stop : p->label_end;
    if (stop > i && stop < n && word_at(chars, n, stop) != 0)
        p->stop = i + (stop - i + 1) / 2;
}

/* Armour whose word stands at i, or false. */
static bool armour_at(const char *chars, size_t n, size_t from, size_t i, struct armour *out)
{
    struct parts p = {.word = i};
    size_t len = word_at(chars, n, i), left, right;
    const struct armour_label *label;

    if (len == 0 || (i > from && isalnum((unsigned char)chars[i - 1])))
        return false;
    p.word_end = i + len;
    p.label = skip_gap(chars, n, p.word_end);
    label = label_at(chars, n, p.label, &p.label_end);
    if (label == NULL)
        return false;
    p.start = left_edge(chars, from, i);
    right_edge(chars, n, &p);
    left = p.word - p.start;
    right = p.stop - p.tail;
    if (label == &unknown_label && left < 2)
        return false;
    /* Without hyphens in front it may be a sentence about armour. */
    if (left == 0 &&
        (!at_line_start(chars, p.start) || (right == 0 && skip_gap(chars, n, p.stop) < n &&
                                            !is_line_end(chars[skip_gap(chars, n, p.stop)]))))
        return false;
    *out = (struct armour){.end = len == 3,
                           .start = p.start,
                           .stop = p.stop,
                           .label = label,
                           .fault = fault_of(chars, &p, label)};
    return true;
}

bool armour_next(const char *chars, size_t n, size_t from, struct armour *out)
{
    for (size_t i = from; i < n; i++) {
        char c = chars[i];

        if ((c == 'B' || c == 'b' || c == 'E' || c == 'e') && armour_at(chars, n, from, i, out))
            return true;
    }
    return false;
}
