/* SPDX-License-Identifier: MIT */
#include "device/template.h"

#include <string.h>

#include "base/buf.h"
#include "device/pattern.h"

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_NAME, PIECE_WRONG };

/* A stretch of literal text, or a name without its braces. */
struct piece {
    enum piece_kind kind;
    const char *at;
    size_t n;
};

enum reading { READ_TEMPLATE, READ_PATTERN };

static const char *const pattern_captures[] = {"size", "digest", "code", NULL};

/* Takes the next piece off the text. Escapes of a pattern are literal text here, backslash
 * included. */
static struct piece next_piece(const char **text, enum reading reading)
{
    const char *p = *text;
    struct piece piece = {PIECE_TEXT, p, strcspn(p, "\\{}")};

    if (piece.n > 0) {
        *text = p + piece.n;
        return piece;
    }
    if (*p == '\0') {
        piece.kind = PIECE_END;
    } else if (*p == '{') {
        piece = (struct piece){PIECE_NAME, p + 1, pattern_name_length(p + 1)};
        piece.kind = piece.n > 0 ? PIECE_NAME : PIECE_WRONG;
        *text = p + piece.n + 2;
    } else if (*p == '\\' && p[1] != '\0' && (reading == READ_PATTERN || strchr("{}\\", p[1]))) {
        piece.at = reading == READ_PATTERN ? p : p + 1;
        piece.n = reading == READ_PATTERN ? 2 : 1;
        *text = p + 2;
    } else {
        piece.kind = PIECE_WRONG;
    }
    return piece;
}

static bool is_named(const struct piece *piece, const char *name)
{
    return strlen(name) == piece->n && memcmp(piece->at, name, piece->n) == 0;
}

static bool is_among(const struct piece *piece, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (is_named(piece, *names))
            return true;
    }
    return false;
}

static int wrong(struct err *err)
{
    return err_set(
        err, ERR_SYNTAX,
        "a brace that is no {name}, or an unknown escape: write \\{ \\} and \\\\ for the "
        "characters themselves");
}

static int unknown(const struct piece *piece, struct err *err)
{
    return err_set(err, ERR_VALUE, "{%.*s} has no value here", (int)piece->n, piece->at);
}

static int add_value(const struct template_value *v, enum reading reading, struct secret *out,
                     struct err *err)
{
    struct buf escaped = {0};
    int rc;

    if (reading == READ_TEMPLATE)
        return secret_append(out, v->value, v->len, err);
    pattern_escape(&escaped, v->value, v->len);
    rc = escaped.failed ? err_set(err, ERR_NOMEM, "out of memory")
                        : secret_append(out, escaped.data, escaped.len, err);
    buf_reset(&escaped);
    return rc;
}

static int add_named(const struct piece *piece, const struct template_value *values,
                     enum reading reading, struct secret *out, struct err *err)
{
    for (; values->name != NULL; values++) {
        if (is_named(piece, values->name))
            return add_value(values, reading, out, err);
    }
    if (reading == READ_PATTERN && is_among(piece, pattern_captures))
        return secret_append(out, piece->at - 1, piece->n + 2, err);
    return unknown(piece, err);
}

static int expand(const char *text, enum reading reading, const struct template_value *values,
                  struct secret *out, struct err *err)
{
    for (;;) {
        struct piece piece = next_piece(&text, reading);
        int rc;

        switch (piece.kind) {
        case PIECE_END:
            return 0;
        case PIECE_WRONG:
            return wrong(err);
        case PIECE_TEXT:
            rc = secret_append(out, piece.at, piece.n, err);
            break;
        default:
            rc = add_named(&piece, values, reading, out, err);
            break;
        }
        if (rc != 0)
            return rc;
    }
}

int template_expand(const char *text, const struct template_value *values, struct secret *out,
                    struct err *err)
{
    return expand(text, READ_TEMPLATE, values, out, err);
}

int pattern_expand(const char *pattern, const struct template_value *values, struct secret *out,
                   struct err *err)
{
    return expand(pattern, READ_PATTERN, values, out, err);
}

static int check_names(const char *text, enum reading reading, const char *const *names,
                       struct err *err)
{
    for (;;) {
        struct piece piece = next_piece(&text, reading);

        if (piece.kind == PIECE_END)
            return 0;
        if (piece.kind == PIECE_WRONG)
            return wrong(err);
        if (piece.kind == PIECE_NAME && !is_among(&piece, names) &&
            !(reading == READ_PATTERN && is_among(&piece, pattern_captures)))
            return unknown(&piece, err);
    }
}

int template_check(const char *text, const char *const *names, struct err *err)
{
    return check_names(text, READ_TEMPLATE, names, err);
}

int template_check_pattern(const char *pattern, const char *const *names, struct err *err)
{
    int rc = pattern_check(pattern, err);

    return rc != 0 ? rc : check_names(pattern, READ_PATTERN, names, err);
}

bool template_has(const char *text, const char *name)
{
    struct piece piece;

    do {
        piece = next_piece(&text, READ_PATTERN);
        if (piece.kind == PIECE_NAME && is_named(&piece, name))
            return true;
    } while (piece.kind == PIECE_TEXT || piece.kind == PIECE_NAME);
    return false;
}

void template_neighbours(const char *text, const char *name, char *before, char *after)
{
    struct piece piece, last = {PIECE_END, NULL, 0};

    *before = *after = '\0';
    for (;; last = piece) {
        piece = next_piece(&text, READ_TEMPLATE);
        if (piece.kind != PIECE_TEXT && piece.kind != PIECE_NAME)
            return;
        if (piece.kind == PIECE_NAME && is_named(&piece, name))
            break;
    }
    if (last.kind == PIECE_TEXT)
        *before = last.at[last.n - 1];
    piece = next_piece(&text, READ_TEMPLATE);
    if (piece.kind == PIECE_TEXT)
        *after = piece.at[0];
}
