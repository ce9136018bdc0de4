/* SPDX-License-Identifier: MIT */
#include "base/config_scan.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_DEPTH = 16,       /* libconfig recurses when it frees */
    MAX_SETTINGS = 10000, /* libconfig looks for duplicates one by one */
    MAX_DIGITS = 9,       /* ten may overflow an int, which libconfig does not notice */
    MAX_HEX_DIGITS = 7
};

#define NAME_START "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*"
#define DIGITS     "0123456789"
#define HEX        DIGITS "abcdefABCDEF"
#define NAME       NAME_START DIGITS "-_"

/* What may come next. libconfig leaks a text that comes where none may, so this is judged here. */
enum want { WANT_SETTING, WANT_EQUALS, WANT_VALUE, WANT_COMMA };

struct scan {
    const char *p, *end;
    int line;
    struct {
        char bracket;
        int line;
    } open[MAX_DEPTH];
    size_t depth;
    size_t settings;
    const char *name; /* of the setting last begun */
    size_t name_len;
    enum want want;
    bool after_text;    /* texts that follow each other are one */
    int long_text_line; /* where the last text began that holds a line end; 0: none */
    struct err *err;
};

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* How many of the next characters are in set. */
static size_t span(const struct scan *s, const char *p, const char *set)
{
    const char *start = p;

    while (p < s->end && is_in(*p, set))
        p++;
    return (size_t)(p - start);
}

/* A quote left out makes its text run to the next quote, lines further down: what is reported there
 * is only a consequence. */
static int fail(struct scan *s, int line, const char *text, const char *remedy)
{
    int rc = err_set_at(s->err, ERR_SYNTAX, "", line, "%s", text);

    if (s->long_text_line != 0)
        err_remedy(s->err,
                   "The text that begins in line %d runs over several lines: look for a missing "
                   "quote there.",
                   s->long_text_line);
    else
        err_remedy(s->err, "%s", remedy);
    return rc;
}

static int fail_unquoted(struct scan *s)
{
    char text[160];

    snprintf(text, sizeof text, "the value of `%.*s` is neither a number, true or false nor quoted",
             s->name_len > 64 ? 64 : (int)s->name_len, s->name != NULL ? s->name : "");
    return fail(s, s->line, text, "Put the value in double quotes.");
}

static bool in_group(const struct scan *s)
{
    return s->depth == 0 || s->open[s->depth - 1].bracket == '{';
}

static int fail_no_equals(struct scan *s)
{
    char text[128];

    snprintf(text, sizeof text,
             "`%.*s` is not followed by =", s->name_len > 64 ? 64 : (int)s->name_len,
             s->name != NULL ? s->name : "");
    return fail(s, s->line, text, "Write name = value.");
}

/* A value of any kind begins here. */
static int begin_value(struct scan *s)
{
    if (s->want == WANT_EQUALS)
        return fail_no_equals(s);
    if (s->want == WANT_SETTING)
        return fail(s, s->line, "a value stands here without a name",
                    "Settings are written name = value, groups name: { }.");
    if (s->want == WANT_COMMA)
        return fail(s, s->line, "there is no comma between two values of a list", "Add it.");
    s->want = in_group(s) ? WANT_SETTING : WANT_COMMA;
    return 0;
}

/* Begins at the opening quote. The escapes are libconfig's: a backslash before any other character
 * is an ordinary one. */
static int scan_text(struct scan *s)
{
    int start = s->line;
    int rc = s->after_text ? 0 : begin_value(s);

    if (rc != 0)
        return rc;
    s->after_text = true;
    for (s->p++; s->p < s->end; s->p++) {
        size_t left = (size_t)(s->end - s->p);

        if (*s->p == '"') {
            s->p++;
            if (s->line != start)
                s->long_text_line = start;
            return 0;
        }
        if (*s->p == '\n')
            s->line++;
        else if (left >= 4 && memcmp(s->p, "\\x00", 4) == 0)
            return fail(s, s->line, "\\x00 cannot be part of a text", "Remove it.");
        else if (left >= 2 && *s->p == '\\' && (s->p[1] == '"' || s->p[1] == '\\'))
            s->p++;
    }
    return fail(s, start, "the text that begins in this line has no closing quote",
                "Add the closing double quote.");
}

static int scan_block_comment(struct scan *s)
{
    int start = s->line;

    for (s->p += 2; s->p < s->end; s->p++) {
        if (*s->p == '\n')
            s->line++;
        if (*s->p == '*' && s->p + 1 < s->end && s->p[1] == '/') {
            s->p += 2;
            return 0;
        }
    }
    return fail(s, start, "the comment that begins in this line is never closed",
                "Close it by */.");
}

static void skip_line(struct scan *s)
{
    while (s->p < s->end && *s->p != '\n')
        s->p++;
}

/* Integers and floats as libconfig knows them, told from 192.0.2.1 and 2021-04-12. */
static bool is_number(const struct scan *s, const char *p, size_t n, size_t *digits, bool *hex)
{
    const char *end = p + n;
    size_t whole, part = 0;

    p += *p == '+' || *p == '-';
    *hex = end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
    if (*hex) {
        p += 2;
        *digits = span(s, p, HEX);
        p += *digits;
        p += span(s, p, "L");
        return p == end && *digits > 0;
    }
    whole = span(s, p, DIGITS);
    p += whole;
    *digits = whole;
    if (p < end && *p == '.') {
        part = span(s, ++p, DIGITS);
        p += part;
    }
    if (whole + part == 0)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p += 1 + (p + 1 < end && (p[1] == '+' || p[1] == '-'));
        p += span(s, p, DIGITS);
    } else {
        p += span(s, p, "L");
    }
    return p == end;
}

static int scan_number(struct scan *s)
{
    size_t n = span(s, s->p, NAME "+.:/@");
    size_t digits = 0;
    bool hex = false;

    if (!is_number(s, s->p, n, &digits, &hex))
        return fail_unquoted(s);
    if (digits > (hex ? MAX_HEX_DIGITS : MAX_DIGITS)) {
        int rc = err_set_at(s->err, ERR_VALUE, "", s->line,
                            "the number has %zu digits; at most %d can be read", digits,
                            hex ? MAX_HEX_DIGITS : MAX_DIGITS);

        err_remedy(s->err, "Write a smaller number, or put it in double quotes if it is a text.");
        return rc;
    }
    s->p += n;
    return begin_value(s);
}

static bool is_bool(const char *p, size_t n)
{
    return (n == 4 && strncasecmp(p, "true", n) == 0) ||
           (n == 5 && strncasecmp(p, "false", n) == 0);
}

/* A name begins a setting in a group, and is a value anywhere else, where only true and false need
 * no quotes. */
static int scan_name(struct scan *s)
{
    size_t n = span(s, s->p, NAME);

    if (s->want == WANT_EQUALS)
        return fail_no_equals(s);
    if (s->want != WANT_SETTING) {
        if (n != span(s, s->p, NAME "+.:/@") || !is_bool(s->p, n))
            return fail_unquoted(s);
        s->p += n;
        return begin_value(s);
    }
    s->name = s->p;
    s->name_len = n;
    s->want = WANT_EQUALS;
    s->p += n;
    if (++s->settings > MAX_SETTINGS)
        return fail(s, s->line, "the file has more than 10000 settings", "Split it.");
    return 0;
}

static int scan_open(struct scan *s)
{
    int rc = begin_value(s);

    if (rc != 0)
        return rc;
    if (s->depth == MAX_DEPTH)
        return fail(s, s->line, "brackets are nested too deeply", "At most 16 levels can be read.");
    s->open[s->depth].bracket = *s->p;
    s->open[s->depth++].line = s->line;
    s->want = *s->p++ == '{' ? WANT_SETTING : WANT_VALUE;
    return 0;
}

static int scan_close(struct scan *s)
{
    char text[96];
    char want, opened;

    if (s->depth == 0) {
        snprintf(text, sizeof text, "this %c closes nothing", *s->p);
        return fail(s, s->line, text, "Remove it, or look for the missing opening bracket.");
    }
    opened = s->open[--s->depth].bracket;
    want = opened == '{' ? '}' : opened == '[' ? ']' : ')';
    if (*s->p != want) {
        snprintf(text, sizeof text, "the %c of line %d is closed by %c", opened,
                 s->open[s->depth].line, *s->p);
        return fail(s, s->line, text, "Each opening bracket needs its own closing one.");
    }
    s->want = in_group(s) ? WANT_SETTING : WANT_COMMA;
    s->p++;
    return 0;
}

static int fail_no_value(struct scan *s)
{
    char text[128];

    snprintf(text, sizeof text, "`%.*s` has no value", s->name_len > 64 ? 64 : (int)s->name_len,
             s->name != NULL ? s->name : "");
    return fail(s, s->line, text, "Write the value after the =, or remove the setting.");
}

static int fail_foreign(struct scan *s)
{
    if ((unsigned char)*s->p >= 0x80 || *s->p == '\'' || *s->p == '`')
        return fail(s, s->line, "this line has a character that may only stand inside quotes",
                    "Texts stand in plain double quotes (\"), not in typographic or single ones.");
    return fail(s, s->line, "@include is not supported", "Write everything into one file.");
}

/* Punctuation: brackets, = and separators. Anything else is an unquoted value. */
static int scan_mark(struct scan *s)
{
    bool lacks_value = s->want == WANT_VALUE && in_group(s);
    char c = *s->p;

    if (s->want == WANT_EQUALS && c != '=' && c != ':')
        return fail_no_equals(s);
    if (is_in(c, "{[("))
        return scan_open(s);
    if (lacks_value && is_in(c, "}]),;"))
        return fail_no_value(s);
    if (is_in(c, "}])"))
        return scan_close(s);
    if (s->want == WANT_EQUALS || (s->want == WANT_COMMA && c == ','))
        s->want = WANT_VALUE;
    else if (s->want == WANT_VALUE || !is_in(c, ",;"))
        return fail_unquoted(s);
    s->p++;
    return 0;
}

/* Passes blanks and comments; *passed tells whether there was one. */
static int scan_blank(struct scan *s, bool *passed)
{
    char c = *s->p;
    char next = s->p + 1 < s->end ? s->p[1] : '\0';

    *passed = true;
    if (c == '/' && next == '*')
        return scan_block_comment(s);
    if (c == '#' || (c == '/' && next == '/')) {
        skip_line(s);
    } else if (is_in(c, " \t\r\f\n")) {
        s->line += c == '\n';
        s->p++;
    } else {
        *passed = false;
    }
    return 0;
}

static int scan_one(struct scan *s)
{
    bool passed;
    int rc = scan_blank(s, &passed);
    char c;

    if (passed)
        return rc;
    c = *s->p;
    if (c == '"')
        return scan_text(s);
    s->after_text = false;
    if (c == '@' || c == '\'' || c == '`' || (unsigned char)c >= 0x80)
        return fail_foreign(s);
    if (is_in(c, DIGITS "+-."))
        return scan_number(s);
    if (is_in(c, NAME_START))
        return scan_name(s);
    return scan_mark(s);
}

int config_scan(const char *text, size_t n, struct err *err)
{
    struct scan s = {.p = text, .end = text + n, .line = 1, .err = err};

    if (memchr(text, '\0', n) != NULL) {
        int rc = err_set_at(err, ERR_SYNTAX, "", 0, "the file holds NUL bytes");

        err_remedy(err, "Save it as plain text (UTF-8), not as UTF-16 or \"Unicode\".");
        return rc;
    }
    while (s.p < s.end) {
        int rc = scan_one(&s);

        if (rc != 0)
            return rc;
    }
    if (s.want == WANT_EQUALS)
        return fail_no_equals(&s);
    if (s.want == WANT_VALUE && in_group(&s))
        return fail_no_value(&s);
    if (s.depth > 0) {
        char what[64];

        snprintf(what, sizeof what, "the %c of this line is never closed",
                 s.open[s.depth - 1].bracket);
        return fail(&s, s.open[s.depth - 1].line, what, "Add the closing bracket.");
    }
    return 0;
}
