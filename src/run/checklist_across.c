/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "run/checklist_part.h"

#define DAY ((time_t)86400)

enum { EARLY_AT_LEAST_DAYS = 30, SIBLINGS_AT_LEAST = 3 };

/* One hash of a row, to be sorted so that equal ones stand together. */
struct mark {
    const unsigned char *hash;
    size_t n;
    size_t row;
};

struct across {
    struct checklist_store *store;
    struct checklist *list;
    struct mark *marks; /* room for one of each row */
    size_t count;
    bool failed;
};

static const char key_key[] = "certificates.device-key";
static const char cert_key[] = "certificates.device-cert";
static const char id_key[] = "mqtt.device-id";
static const char client_key[] = "mqtt.client-id";

static bool is_given(const unsigned char *hash, size_t n)
{
    while (n > 0 && hash[n - 1] == 0)
        n--;
    return n > 0;
}

static void mark(struct across *a, const unsigned char *hash, size_t n, size_t row)
{
    if (is_given(hash, n))
        a->marks[a->count++] = (struct mark){hash, n, row};
}

static int compare(const void *x, const void *y)
{
    const struct mark *a = x, *b = y;
    int order = memcmp(a->hash, b->hash, a->n);

    if (order != 0)
        return order;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* "row 3 (pump-3)" */
static void name_row(const struct across *a, size_t row, char *out, size_t size)
{
    const char *device = a->list->rows[row].device;
    char shown[80];

    if (device == NULL)
        snprintf(out, size, "row %zu", row + 1);
    else
        snprintf(out, size, "row %zu (%s)", row + 1,
                 str_escape_to(shown, sizeof shown, device, strlen(device)));
}

struct rule {
    enum severity severity;
    const char *code, *key, *remedy;
    const char *what; /* with one %s: the other row */
};

/* Says it of `row`, naming the other one. */
static void say(struct across *a, const struct rule *r, size_t row, size_t other)
{
    char name[128], text[512];
    const char *gap = strstr(r->what, "%s");

    name_row(a, other, name, sizeof name);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - r->what), r->what, name, gap + 2);
    a->failed |= !store_add(a->store, row, r->severity, r->code, r->key, r->remedy, text);
}

/* Whether two rows of one hash are to be told of. NULL: always. */
typedef bool differs_fn(const struct identity *x, const struct identity *y);

/* For each run of equal hashes: every row is told of the first one, and the first of the second. */
static void tell_runs(struct across *a, const struct rule *r, differs_fn *differs)
{
    qsort(a->marks, a->count, sizeof *a->marks, compare);
    for (size_t i = 0, end; i < a->count; i = end) {
        size_t first = a->marks[i].row;
        bool told = false;

        for (end = i + 1;
             end < a->count && memcmp(a->marks[end].hash, a->marks[i].hash, a->marks[i].n) == 0;
             end++) {
            size_t row = a->marks[end].row;

            if (row == a->marks[end - 1].row ||
                (differs != NULL &&
                 !differs(store_identity(a->store, first), store_identity(a->store, row))))
                continue;
            if (!told)
                say(a, r, first, row);
            told = true;
            say(a, r, row, first);
        }
    }
    a->count = 0;
}

#define MARK_ALL(a, field)                                                                         \
    do {                                                                                           \
        for (size_t row_ = 0; row_ < (a)->list->row_count; row_++)                                 \
            mark((a), store_identity((a)->store, row_)->field,                                     \
                 sizeof store_identity((a)->store, row_)->field, row_);                            \
    } while (0)

static bool other_device(const struct identity *x, const struct identity *y)
{
    return memcmp(x->device, y->device, NAME_HASH_SIZE) != 0;
}

/* One device ID twice has been told. */
static bool other_device_or_none(const struct identity *x, const struct identity *y)
{
    return !is_given(x->device, NAME_HASH_SIZE) || other_device(x, y);
}

static bool other_key_file(const struct identity *x, const struct identity *y)
{
    return memcmp(x->key_file, y->key_file, NAME_HASH_SIZE) != 0;
}

static bool other_cert_file(const struct identity *x, const struct identity *y)
{
    return memcmp(x->cert_file, y->cert_file, NAME_HASH_SIZE) != 0;
}

static void compare_names(struct across *a)
{
    static const struct rule twice = {
        SEVERITY_ERROR, "list-device-id-twice", id_key,
        "Give every device an ID of its own: of two with one ID, only one can be connected.",
        "the device ID is that of %s as well"};
    static const struct rule by_case = {
        SEVERITY_WARNING, "list-device-id-case", id_key,
        "Brokers tell upper and lower case apart, people do not: choose IDs that differ more.",
        "the device ID differs from that of %s by upper and lower case only"};
    static const struct rule client = {
        SEVERITY_ERROR, "list-client-id-twice", client_key,
        "Give every device a client ID of its own: the broker throws off whoever had it before.",
        "the client ID is that of %s as well, at the same broker"};

    MARK_ALL(a, device);
    tell_runs(a, &twice, NULL);
    MARK_ALL(a, device_fold);
    tell_runs(a, &by_case, other_device);
    MARK_ALL(a, client);
    tell_runs(a, &client, other_device_or_none);
}

/* A file that one row names for both of its slots is named once. */
static void compare_files(struct across *a)
{
    static const char remedy[] = "Name for each device the files that were made for it.";
    static const struct rule cert = {SEVERITY_ERROR, "list-file-twice", cert_key, remedy,
                                     "the file of the device certificate is named by %s as well"};
    static const struct rule key = {SEVERITY_ERROR, "list-file-twice", key_key, remedy,
                                    "the file of the private key is named by %s as well"};
    static const struct rule shared = {
        SEVERITY_ERROR, "list-key-shared", key_key,
        "Make a key and a certificate for each device: who has one device's key is both.",
        "the private key is that of %s as well, in another file"};
    static const struct rule cert_twice = {
        SEVERITY_ERROR, "list-cert-twice", cert_key,
        "Make a key and a certificate for each device.",
        "the device certificate is that of %s as well, in another file"};

    MARK_ALL(a, cert_file);
    tell_runs(a, &cert, NULL);
    MARK_ALL(a, key_file);
    tell_runs(a, &key, NULL);
    MARK_ALL(a, key);
    tell_runs(a, &shared, other_key_file);
    MARK_ALL(a, cert);
    tell_runs(a, &cert_twice, other_cert_file);
}

/* --- expiry --------------------------------------------------------------------------------- */

static int compare_times(const void *x, const void *y)
{
    time_t a = *(const time_t *)x, b = *(const time_t *)y;

    return a < b ? -1 : a > b;
}

/* The middle one of all ends; 0 if there are too few. */
static time_t median_end(struct across *a)
{
    time_t *ends = calloc(a->list->row_count, sizeof *ends), median = 0;
    size_t n = 0;

    if (ends == NULL) {
        a->failed = true;
        return 0;
    }
    for (size_t i = 0; i < a->list->row_count; i++) {
        if (a->list->rows[i].has_cert)
            ends[n++] = a->list->rows[i].not_after;
    }
    qsort(ends, n, sizeof *ends, compare_times);
    if (n >= SIBLINGS_AT_LEAST)
        median = ends[n / 2];
    free(ends);
    return median;
}

static void tell_early(struct across *a, size_t row, time_t median)
{
    char end[DATE_SIZE], middle[DATE_SIZE], text[160];

    date_write(end, a->list->rows[row].not_after);
    date_write(middle, median);
    snprintf(text, sizeof text,
             "the device certificate ends on %.10s, much before the others: half of the list's end "
             "on %.10s or later",
             end, middle);
    a->failed |= !store_add(a->store, row, SEVERITY_WARNING, "list-cert-early", cert_key,
                            "Make it anew with the others, or note that day.", text);
}

static void compare_ends(struct across *a, time_t now)
{
    time_t median = median_end(a);

    for (size_t i = 0; median > now && i < a->list->row_count; i++) {
        const struct checklist_row *row = &a->list->rows[i];

        /* One that has ended already has been told. */
        if (row->has_cert && row->not_after > now && row->not_after - now < (median - now) / 2 &&
            median - row->not_after >= EARLY_AT_LEAST_DAYS * DAY)
            tell_early(a, i, median);
    }
}

bool checklist_across(struct checklist_store *s, struct checklist *list, time_t now)
{
    struct across a = {.store = s, .list = list};

    a.marks = calloc(list->row_count, sizeof *a.marks);
    if (a.marks == NULL)
        return false;
    compare_names(&a);
    compare_files(&a);
    compare_ends(&a, now);
    free(a.marks);
    return !a.failed;
}
