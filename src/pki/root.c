/* SPDX-License-Identifier: MIT */
#include "pki/root.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"

enum { ROOTS = 13 };

/* pem is filled in from the embedded files, by name. */
static const struct {
    const char *file;
    struct known_root root;
} known[ROOTS] = {
    {"digicert-global-root-g2",
     {"DigiCert Global Root G2", "CB3CCBB76031E5E0138F8DD39A23F9DE47FFC35E43C1144CEA27D46A5AB1CB5F",
      ROOT_AZURE, "what Azure's hubs are signed with today", NULL}},
    {"microsoft-rsa-root-ca-2017",
     {"Microsoft RSA Root CA 2017",
      "C741F70F4B2A8D88BF2E71C14122EF53EF10EBA0CFA5E64CFA20F418853073E0", ROOT_AZURE,
      "Azure's next root; Microsoft asks for it beside DigiCert Global Root G2", NULL}},
    {"microsoft-ecc-root-ca-2017",
     {"Microsoft ECC Root CA 2017",
      "358DF39D764AF9E1B766E9C972DF352EE15CFAC227AF6AD1D70E8E4A6EDCBA02", ROOT_AZURE,
      "a spare of Azure's; does not replace DigiCert Global Root G2", NULL}},
    {"digicert-global-root-g3",
     {"DigiCert Global Root G3", "31AD6648F8104138C738F39EA4320133393E3A18CC02296EF97C2AC9EF6731D0",
      ROOT_LOOKALIKE, "one letter away from G2; no hub of the public cloud is signed with it",
      NULL}},
    {"baltimore-cybertrust-root",
     {"Baltimore CyberTrust Root",
      "16AF57A9F676B0AB126095AA5EBADEF22AB31119D644AC95CD4B93DBF3F26AEB", ROOT_AZURE_OBSOLETE,
      "Azure's root until 2023; expired on 12 May 2025", NULL}},
    {"digicert-global-root-ca",
     {"DigiCert Global Root CA", "4348A0E9444C78CB265E058D5E8944B4D84F9662BD26DB257F8934A443C70161",
      ROOT_LOOKALIKE, "G1, not G2: sovereign clouds at best", NULL}},
    {"amazon-root-ca-1",
     {"Amazon Root CA 1", "8ECDE6884F3D87B1125BA31AC3FCB13D7016DE7F57CC904FE1CB97C6AE98196E",
      ROOT_AWS, "AWS IoT Core, RSA; can never validate an Azure hub", NULL}},
    {"amazon-root-ca-2",
     {"Amazon Root CA 2", "1BA5B2AA8C65401A82960118F80BEC4F62304D83CEC4713A19C39C011EA46DB4",
      ROOT_AWS, "AWS, kept in reserve; can never validate an Azure hub", NULL}},
    {"amazon-root-ca-3",
     {"Amazon Root CA 3", "18CE6CFE7BF14E60B2E347B8DFE868CB31D02EBB3ADA271569F50343B46DB3A4",
      ROOT_AWS, "AWS IoT Core, ECC; can never validate an Azure hub", NULL}},
    {"amazon-root-ca-4",
     {"Amazon Root CA 4", "E35D28419ED02025CFA69038CD623962458DA5C695FBDEA3C22B0BFB25897092",
      ROOT_AWS, "AWS, kept in reserve; can never validate an Azure hub", NULL}},
    {"starfield-services-root-ca-g2",
     {"Starfield Services Root CA G2",
      "568D6905A2C88708A4B3025190EDCFEDB1974A606A13C6E5290FCB2AE63EDAB5", ROOT_AWS,
      "signs Amazon's roots for old devices; can never validate an Azure hub", NULL}},
    {"isrg-root-x1",
     {"ISRG Root X1", "96BCEC06264976F37460779ACF28C5A7CFE8A3C0AAE11A8FFCEE05C0BDDF08C6",
      ROOT_OTHER, "Let's Encrypt, HiveMQ Cloud", NULL}},
    {"isrg-root-x2",
     {"ISRG Root X2", "69729B8E15A86EFC177A57AFB7171DFC64ADD28C2FCA8CF1507E34453CCB1470",
      ROOT_OTHER, "Let's Encrypt, ECC", NULL}},
};

static const char *embedded_text(const char *name)
{
    for (const struct embedded *e = embedded_roots; e->name != NULL; e++) {
        if (strcmp(e->name, name) == 0)
            return e->text;
    }
    return "";
}

static struct known_root filled[ROOTS + 1];

static void fill(void)
{
    for (size_t i = 0; i < ROOTS; i++) {
        filled[i] = known[i].root;
        filled[i].pem = embedded_text(known[i].file);
    }
}

const struct known_root *root_table(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, fill);
    return filled;
}

const struct known_root *root_by_sha256(const char *sha256)
{
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        if (strcmp(r->sha256, sha256) == 0)
            return r;
    }
    return NULL;
}

/*
 * Resemblance. Every run of RUN characters of the text goes into a hash table; then each root's own
 * runs are looked up. One changed character spoils RUN of them, so a root of 560 characters with
 * six faults keeps nine tenths. What unrelated certificates have in common (algorithm identifiers,
 * the same issuer's name, the same key in a cross-signed certificate) stays below half.
 */
enum {
    RUN = 8,
    ENOUGH_PERCENT = 65, /* of the root's runs, or of the text's */
    SHORTEST = 256,      /* a piece shorter than this is not named */
    LONGEST = 32 * 1024, /* of the text; more is not looked at */
    TABLE_MIN = 1024
};

/* Of a size that fits the text: most are certificates of a few hundred characters. */
struct table {
    uint16_t *slots; /* offsets + 1 into text */
    size_t size;     /* a power of two */
    const char *text;
};

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* True if the line is armour or a header of it, so that its letters are not base64. A long line
 * with hyphens is a whole file on one line. */
static bool is_armour(const char *line, size_t n)
{
    for (size_t i = 0; i < n && n < 80; i++) {
        if (line[i] == '-' || line[i] == ':')
            return true;
    }
    return false;
}

/* Copies the base64 of text to out (which holds `max`); returns how many characters that is. */
static size_t squeeze(const char *text, size_t n, char *out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < n;) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t len = end != NULL ? (size_t)(end - text) - i : n - i;

        if (!is_armour(text + i, len)) {
            for (size_t k = i; k < i + len && count < max; k++) {
                if (is_base64(text[k]))
                    out[count++] = text[k];
            }
        }
        i += len + 1;
    }
    return count;
}

static size_t slot_of(const struct table *t, const char *run)
{
    uint64_t v;

    memcpy(&v, run, sizeof v);
    return (size_t)((v * UINT64_C(0x9E3779B97F4A7C15)) >> 40) & (t->size - 1);
}

static bool table_has(const struct table *t, const char *run)
{
    size_t i = slot_of(t, run);

    for (; t->slots[i] != 0; i = (i + 1) & (t->size - 1)) {
        if (memcmp(t->text + t->slots[i] - 1, run, RUN) == 0)
            return true;
    }
    return false;
}

/* False when memory runs out. */
static bool table_fill(struct table *t, const char *text, size_t n)
{
    *t = (struct table){.size = TABLE_MIN, .text = text};
    while (t->size < 4 * n)
        t->size *= 2;
    t->slots = calloc(t->size, sizeof *t->slots);
    if (t->slots == NULL)
        return false;
    for (size_t k = 0; k + RUN <= n; k++) {
        size_t i = slot_of(t, text + k);

        while (t->slots[i] != 0 && memcmp(text + t->slots[i] - 1, text + k, RUN) != 0)
            i = (i + 1) & (t->size - 1);
        if (t->slots[i] == 0)
            t->slots[i] = (uint16_t)(k + 1);
    }
    return true;
}

/* How much of the root is in the text, or, for a piece of one, how much of the text in the root. */
static size_t percent_shared(const struct table *t, size_t n, const char *root, size_t m)
{
    size_t shared = 0, of_root = m - RUN + 1, of_text = n - RUN + 1;

    for (size_t k = 0; k < of_root; k++)
        shared += table_has(t, root + k);
    return shared * 100 / (of_text < of_root ? of_text : of_root);
}

/* The base64 of the known roots, without what stands around it. */
static struct {
    char text[4096];
    size_t n;
} squeezed[ROOTS];

static void squeeze_roots(void)
{
    for (size_t i = 0; i < ROOTS; i++) {
        const char *pem = root_table()[i].pem;

        squeezed[i].n = squeeze(pem, strlen(pem), squeezed[i].text, sizeof squeezed[i].text);
    }
}

const struct known_root *root_resembling(const char *text, size_t n)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct known_root *best = NULL;
    size_t best_percent = ENOUGH_PERCENT - 1;
    size_t room = n < LONGEST ? n : LONGEST;
    char *mine = malloc(room + 1);
    struct table table = {0};

    (void)pthread_once(&once, squeeze_roots);
    if (mine == NULL)
        return NULL;
    n = squeeze(text, n, mine, room);
    if (n < SHORTEST || !table_fill(&table, mine, n))
        goto out;
    for (size_t i = 0; i < ROOTS; i++) {
        size_t m = squeezed[i].n;
        size_t percent = m >= SHORTEST ? percent_shared(&table, n, squeezed[i].text, m) : 0;

        if (percent > best_percent) {
            best = &root_table()[i];
            best_percent = percent;
        }
    }
out:
    free(table.slots);
    free(mine);
    return best;
}
