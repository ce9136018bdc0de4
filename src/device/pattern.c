/* SPDX-License-Identifier: MIT */
#include "device/pattern.h"

#include <stdint.h>
#include <string.h>

/*
 * A pattern is read into tokens; matching runs all its alternatives side by side (a set of threads
 * that move on one byte at a time, at most one thread at each token), so it never goes back in the
 * line, whatever pattern and line are.
 */

enum token_kind {
    TOKEN_END, /* 0: also what follows the last token */
    TOKEN_BYTE,
    TOKEN_ANY,  /* any run, as short as possible */
    TOKEN_CODE, /* any run, as long as possible, captured */
    TOKEN_SIZE, /* one digit or more, captured */
    TOKEN_DIGEST,
    TOKEN_NAME /* a name that has not been expanded: matches nothing */
};

struct token {
    unsigned char kind;
    unsigned char byte;
};

struct tokens {
    struct token items[PATTERN_TOKENS_MAX + 1];
    size_t count;
};

enum { SPAN_SIZE, SPAN_DIGEST, SPAN_CODE, SPAN_COUNT };

static const struct {
    const char *name;
    enum token_kind kind;
} captures[SPAN_COUNT] = {
    [SPAN_SIZE] = {"size", TOKEN_SIZE},
    [SPAN_DIGEST] = {"digest", TOKEN_DIGEST},
    [SPAN_CODE] = {"code", TOKEN_CODE},
};

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

size_t pattern_name_length(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");

    return n > 0 && text[n] == '}' ? n : 0;
}

/* Reads the escape after a backslash; returns how many characters it took, or 0. */
static size_t read_escape(const char *text, unsigned char *byte)
{
    int high, low;

    if (*text != '\0' && strchr("*{}\\", *text) != NULL) {
        *byte = (unsigned char)*text;
        return 1;
    }
    if (text[0] != 'x')
        return 0;
    high = hex_value((unsigned char)text[1]);
    low = high < 0 ? -1 : hex_value((unsigned char)text[2]);
    if (low < 0 || high + low == 0)
        return 0;
    *byte = (unsigned char)(high * 16 + low);
    return 3;
}

static enum token_kind kind_of_name(const char *name, size_t n)
{
    for (int i = 0; i < SPAN_COUNT; i++) {
        if (strlen(captures[i].name) == n && memcmp(captures[i].name, name, n) == 0)
            return captures[i].kind;
    }
    return TOKEN_NAME;
}

/* Reads one token; returns how many characters it took, or 0 with the reason in err. */
static size_t read_token(const char *text, struct token *token, struct err *err)
{
    size_t n;

    token->kind = TOKEN_BYTE;
    token->byte = (unsigned char)*text;
    switch (*text) {
    case '*':
        token->kind = TOKEN_ANY;
        return 1;
    case '\\':
        n = read_escape(text + 1, &token->byte);
        if (n == 0)
            err_set(err, ERR_SYNTAX,
                    "unknown escape: after a backslash comes one of * { } \\ or xHH");
        return n == 0 ? 0 : n + 1;
    case '{':
        n = pattern_name_length(text + 1);
        if (n == 0)
            err_set(err, ERR_SYNTAX, "a brace that opens no {name}; write \\{ for the brace");
        else
            token->kind = (unsigned char)kind_of_name(text + 1, n);
        return n == 0 ? 0 : n + 2;
    case '}':
        err_set(err, ERR_SYNTAX, "a brace that closes nothing; write \\} for the brace");
        return 0;
    default:
        return 1;
    }
}

static bool is_blank_token(const struct token *t)
{
    return t->kind == TOKEN_BYTE && is_blank(t->byte);
}

static int read_tokens(const char *text, struct tokens *out, struct err *err)
{
    unsigned seen = 0;

    out->count = 0;
    while (*text != '\0') {
        struct token *t = &out->items[out->count];
        size_t n;

        if (out->count == PATTERN_TOKENS_MAX)
            return err_set(err, ERR_SYNTAX, "longer than %d characters", PATTERN_TOKENS_MAX);
        n = read_token(text, t, err);
        if (n == 0)
            return ERR_SYNTAX;
        text += n;
        if (out->count == 0 && is_blank_token(t))
            continue;
        if (t->kind == TOKEN_ANY && out->count > 0 && t[-1].kind == TOKEN_ANY)
            continue;
        if (t->kind >= TOKEN_CODE && t->kind <= TOKEN_DIGEST) {
            if ((seen & 1U << t->kind) != 0)
                return err_set(err, ERR_SYNTAX, "the same capture twice");
            seen |= 1U << t->kind;
        }
        out->count++;
    }
    while (out->count > 0 && is_blank_token(&out->items[out->count - 1]))
        out->count--;
    out->items[out->count].kind = TOKEN_END;
    return 0;
}

int pattern_check(const char *text, struct err *err)
{
    struct tokens tokens;
    int rc = read_tokens(text, &tokens, err);

    if (rc == 0 && tokens.count == 0)
        rc = err_set(err, ERR_SYNTAX, "empty");
    return rc;
}

/* A capture's place in the line. end is 0 while the capture is not complete. */
struct span {
    uint32_t begin, end;
    bool open;
};

struct thread {
    uint16_t token;
    struct span spans[SPAN_COUNT];
};

struct threads {
    struct thread items[PATTERN_TOKENS_MAX + 1];
    size_t count;
    bool present[PATTERN_TOKENS_MAX + 1];
};

static int span_of_kind(unsigned char kind)
{
    for (int i = 0; i < SPAN_COUNT; i++) {
        if (captures[i].kind == kind)
            return i;
    }
    return -1;
}

static void begin_span(struct thread *thread, unsigned char kind, uint32_t pos)
{
    struct span *s = &thread->spans[span_of_kind(kind)];

    if (!s->open)
        *s = (struct span){.begin = pos, .end = pos, .open = true};
}

/* Adds a thread and those that stand at later tokens without taking a byte; those added first win
 * where several ways lead to a match. */
static void add_thread(struct threads *list, const struct tokens *tokens, struct thread thread,
                       uint32_t pos)
{
    for (;;) {
        unsigned char kind = tokens->items[thread.token].kind;

        if (list->present[thread.token])
            return;
        list->present[thread.token] = true;
        if (kind == TOKEN_ANY) {
            struct thread next = thread;

            next.token++;
            add_thread(list, tokens, next, pos);
            list->items[list->count++] = thread;
            return;
        }
        if (kind == TOKEN_CODE)
            begin_span(&thread, kind, pos);
        list->items[list->count++] = thread;
        if (kind != TOKEN_CODE)
            return;
        thread.spans[SPAN_CODE].end = pos;
        thread.token++;
    }
}

/* Moves one thread over a byte of the line. */
static void step_thread(struct threads *list, const struct tokens *tokens, struct thread thread,
                        unsigned char byte, uint32_t pos)
{
    const struct token *t = &tokens->items[thread.token];

    switch (t->kind) {
    case TOKEN_BYTE:
        if (t->byte != byte)
            return;
        thread.token++;
        break;
    case TOKEN_ANY:
    case TOKEN_CODE:
        break;
    case TOKEN_SIZE:
    case TOKEN_DIGEST:
        if (hex_value(byte) < 0 || (t->kind == TOKEN_SIZE && hex_value(byte) > 9))
            return;
        begin_span(&thread, t->kind, pos);
        add_thread(list, tokens, thread, pos + 1);
        thread.spans[span_of_kind(t->kind)].end = pos + 1;
        thread.token++;
        break;
    default:
        return;
    }
    add_thread(list, tokens, thread, pos + 1);
}

static void clear_threads(struct threads *list)
{
    list->count = 0;
    memset(list->present, 0, sizeof list->present);
}

/* Runs the tokens over the whole line; true with the winning thread in *won. */
static bool run_tokens(const struct tokens *tokens, const char *line, size_t n, struct thread *won)
{
    struct threads lists[2];
    struct threads *now = &lists[0], *next = &lists[1];

    clear_threads(now);
    add_thread(now, tokens, (struct thread){0}, 0);
    for (size_t i = 0; i < n && now->count > 0; i++) {
        struct threads *swap = now;

        clear_threads(next);
        for (size_t j = 0; j < now->count; j++)
            step_thread(next, tokens, now->items[j], (unsigned char)line[i], (uint32_t)i);
        now = next;
        next = swap;
    }
    for (size_t j = 0; j < now->count; j++) {
        if (now->items[j].token == tokens->count) {
            *won = now->items[j];
            return true;
        }
    }
    return false;
}

static void take_span(char *out, const char *line, const struct span *s)
{
    size_t n = s->end - s->begin;

    if (n > PATTERN_CAPTURE_MAX)
        n = PATTERN_CAPTURE_MAX;
    if (n > 0)
        memcpy(out, line + s->begin, n);
    out[n] = '\0';
}

bool pattern_matches(const char *pattern, const char *line, size_t n, struct capture *capture)
{
    struct tokens tokens;
    struct thread won;

    if (capture != NULL)
        *capture = (struct capture){0};
    if (read_tokens(pattern, &tokens, NULL) != 0 || tokens.count == 0)
        return false;
    while (n > 0 && is_blank((unsigned char)line[n - 1]))
        n--;
    while (n > 0 && is_blank((unsigned char)line[0])) {
        line++;
        n--;
    }
    if (n >= UINT32_MAX || !run_tokens(&tokens, line, n, &won))
        return false;
    /* A number cut short could pass for another one; words of an error may be cut. */
    for (int i = SPAN_SIZE; i <= SPAN_DIGEST; i++) {
        if (won.spans[i].end - won.spans[i].begin > PATTERN_CAPTURE_MAX)
            return false;
    }
    if (capture != NULL) {
        take_span(capture->size, line, &won.spans[SPAN_SIZE]);
        take_span(capture->digest, line, &won.spans[SPAN_DIGEST]);
        take_span(capture->code, line, &won.spans[SPAN_CODE]);
    }
    return true;
}

/* The longest run of literal bytes, blanks at its ends not counted; returns its length. */
static size_t longest_literal(const struct tokens *tokens, char *out)
{
    size_t best = 0, best_at = 0;

    for (size_t i = 0; i < tokens->count;) {
        size_t from = i, to;

        while (i < tokens->count && tokens->items[i].kind == TOKEN_BYTE)
            i++;
        to = i;
        while (from < to && is_blank_token(&tokens->items[from]))
            from++;
        while (to > from && is_blank_token(&tokens->items[to - 1]))
            to--;
        if (to - from > best) {
            best = to - from;
            best_at = from;
        }
        if (i < tokens->count)
            i++;
    }
    for (size_t i = 0; i < best; i++)
        out[i] = (char)tokens->items[best_at + i].byte;
    return best;
}

bool pattern_is_definite(const char *pattern)
{
    struct tokens tokens;

    if (read_tokens(pattern, &tokens, NULL) != 0)
        return false;
    for (size_t i = 0; i < tokens.count; i++) {
        if (tokens.items[i].kind != TOKEN_ANY && tokens.items[i].kind != TOKEN_CODE)
            return true;
    }
    return false;
}

bool pattern_text_occurs(const char *pattern, const char *value)
{
    struct tokens tokens;
    char run[PATTERN_TOKENS_MAX + 1];
    size_t length;

    if (read_tokens(pattern, &tokens, NULL) != 0)
        return false;
    length = longest_literal(&tokens, run);
    run[length] = '\0';
    return length >= PATTERN_TEXT_MIN && strstr(value, run) != NULL;
}

void pattern_escape(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '\0' && strchr("*{}\\", text[i]) != NULL)
            buf_add_char(out, '\\');
        buf_add_char(out, text[i]);
    }
}
