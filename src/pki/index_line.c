/* SPDX-License-Identifier: MIT */
#include "pki/index_part.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"

#define HEAD     "# comcert index 1: serial, not after, SHA-256, common name"
#define HEX      "0123456789ABCDEF"
#define DATE_LEN 20

void index_format_head(struct buf *out)
{
    buf_add_str(out, HEAD "\n");
}

void index_format(struct buf *out, const struct index_entry *entry)
{
    char date[DATE_SIZE];

    date_write(date, entry->not_after);
    buf_printf(out, "%s %s %s ", entry->serial, date, entry->sha256);
    str_escape(out, entry->common_name, strlen(entry->common_name));
    buf_add_char(out, '\n');
}

void index_format_void(struct buf *out, const char *serial)
{
    buf_printf(out, "%s void\n", serial);
}

static int damaged(const struct issue_index *ix, size_t line, const char *why, struct err *err)
{
    err_set_at(err, ERR_SYNTAX, ix->path, (int)line,
               "this line of the CA's index of what it issued is damaged: %s", why);
    err_remedy(err,
               "mend the line from a backup of the file, or delete it if you know that nothing "
               "is lost with it");
    return ERR_SYNTAX;
}

static bool parse_date(const char *text, time_t *out)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

    if (end == NULL || *end != '\0' || strlen(text) != DATE_LEN)
        return false;
    *out = timegm(&tm);
    return true;
}

/* The word up to the next blank, cut off; NULL if there is none. */
static char *word(char **rest)
{
    char *start = *rest;
    char *blank = start != NULL ? strchr(start, ' ') : NULL;

    if (start == NULL || *start == '\0' || blank == start)
        return NULL;
    if (blank != NULL)
        *blank++ = '\0';
    *rest = blank;
    return start;
}

static bool is_hex(const char *text, size_t max)
{
    size_t n = strspn(text, HEX);

    return n > 0 && n <= max && text[n] == '\0';
}

static int parse_void(struct issue_index *ix, size_t line, const char *serial, struct err *err)
{
    struct index_entry *entry = index_of_serial(ix, serial);

    if (entry == NULL)
        return damaged(ix, line, "it takes back a serial number that was not issued", err);
    entry->void_ = true;
    return 0;
}

static int parse_entry(struct issue_index *ix, size_t line, const char *serial, char *rest,
                       struct err *err)
{
    struct index_entry entry = {0};
    const char *date = word(&rest), *hash = date != NULL ? word(&rest) : NULL;
    int rc;

    if (date == NULL || !parse_date(date, &entry.not_after))
        return damaged(ix, line, "the date cannot be read", err);
    if (hash == NULL || strlen(hash) != 64 || !is_hex(hash, 64))
        return damaged(ix, line, "the SHA-256 has not 64 hexadecimal digits", err);
    if (rest == NULL || *rest == '\0')
        return damaged(ix, line, "the common name is missing", err);
    if (index_has_serial(ix, serial))
        return damaged(ix, line, "its serial number stands there before", err);
    memcpy(entry.serial, serial, strlen(serial) + 1);
    memcpy(entry.sha256, hash, 65);
    entry.common_name = str_copy(rest);
    if (entry.common_name == NULL)
        return err_set(err, ERR_NOMEM, "out of memory for %s", ix->path);
    rc = index_add(ix, &entry, err);
    if (rc != 0)
        free(entry.common_name);
    return rc;
}

static int parse_line(struct issue_index *ix, size_t line, char *text, struct err *err)
{
    char *rest = text, *serial;

    if (line == 1 && strcmp(text, HEAD) != 0) {
        err_set_at(err, ERR_SYNTAX, ix->path, 1,
                   "this is not an index of issued certificates, or its first line is damaged");
        err_remedy(err, "move the file away, or mend its first line: %s", HEAD);
        return ERR_SYNTAX;
    }
    if (line == 1)
        return 0;
    serial = word(&rest);
    if (serial == NULL || !is_hex(serial, sizeof ix->entries->serial - 1))
        return damaged(ix, line, "it does not begin with a serial number", err);
    if (rest != NULL && strcmp(rest, "void") == 0)
        return parse_void(ix, line, serial, err);
    return parse_entry(ix, line, serial, rest, err);
}

int index_parse(struct issue_index *ix, const char *text, size_t n, struct err *err)
{
    size_t line = ix->line;
    int rc = 0;

    for (const char *p = text, *end = text + n; rc == 0 && p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        char *copy;

        line++;
        if (stop == NULL) { /* its certificate would have been made after it */
            damaged(ix, line, "it is cut off", err);
            err_remedy(err, "if the computer or its power went away while this CA issued, delete "
                            "the line: nothing came of it; otherwise take the file from a backup");
            return ERR_SYNTAX;
        }
        copy = memchr(p, '\0', (size_t)(stop - p)) == NULL ? strndup(p, (size_t)(stop - p)) : NULL;
        if (copy == NULL)
            return damaged(ix, line, "it cannot be read", err);
        rc = parse_line(ix, line, copy, err);
        free(copy);
        p = stop + 1;
    }
    if (rc == 0)
        ix->line = line;
    return rc;
}
