/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "job/manifest_read.h"

static void refuse(struct findings *findings, const char *name, int line, const char *what)
{
    findings_add(findings, SEVERITY_ERROR, "manifest-encoding", (struct place){NULL, name, line},
                 "Save it as \"CSV UTF-8 (comma delimited)\".", "%s", what);
}

static int line_of(const char *text, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    return line;
}

/* Where the first byte stands that is not UTF-8; n if there is none. A NUL is no text either. */
static size_t first_strange(const char *text, size_t n)
{
    size_t i = 0;
    uint32_t code;

    while (i < n) {
        size_t length = (signed char)text[i] > 0 ? 1 : str_utf8(text + i, n - i, &code);

        if (length == 0 || text[i] == '\0')
            break;
        i += length;
    }
    return i;
}

static bool check_encoding(const char *name, const char *text, size_t n, struct findings *findings)
{
    size_t strange;

    if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        refuse(findings, name, 0, "the list is in UTF-16 (\"Unicode text\"), not UTF-8");
        return false;
    }
    if (n >= 4 && memcmp(text, "PK\x03\x04", 4) == 0) {
        refuse(findings, name, 0, "this is a spreadsheet, not a CSV file");
        return false;
    }
    strange = first_strange(text, n);
    if (strange == n)
        return true;
    refuse(findings, name, line_of(text, strange), "the list holds a byte that is not UTF-8 text");
    return false;
}

/* What stands most often in the header outside of quotes; the comma if nothing does. */
static char find_separator(const char *text, size_t n)
{
    static const char candidates[] = ",;\t";
    size_t seen[3] = {0}, best = 0;
    bool quoted = false;
    size_t i = 0;

    while (i < n && (text[i] == '\n' || text[i] == '\r'))
        i++;
    for (; i < n && (quoted || (text[i] != '\n' && text[i] != '\r')); i++) {
        const char *c = strchr(candidates, text[i]);

        quoted ^= text[i] == '"';
        if (!quoted && c != NULL)
            seen[c - candidates]++;
    }
    for (size_t k = 1; k < 3; k++)
        best = seen[k] > seen[best] ? k : best;
    return candidates[best];
}

/* Excel's own first line, "sep=;". */
static bool take_hint(const char **text, size_t *n, char *separator)
{
    size_t length = 5;

    if (*n < 6 || strncasecmp(*text, "sep=", 4) != 0 || strchr(",;\t", (*text)[4]) == NULL)
        return false;
    if ((*text)[length] == '\r')
        length++;
    if (length < *n && (*text)[length] == '\n')
        length++;
    if (length == 5)
        return false;
    *separator = (*text)[4];
    *text += length;
    *n -= length;
    return true;
}

bool manifest_open_text(const char *name, const char **text, size_t *n, int *line, char *separator,
                        struct findings *findings)
{
    if (!check_encoding(name, *text, *n, findings))
        return false;
    if (*n >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0) {
        *text += 3;
        *n -= 3;
    }
    *line = 1;
    if (take_hint(text, n, separator))
        *line = 2;
    else
        *separator = find_separator(*text, *n);
    return true;
}
