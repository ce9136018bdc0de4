/* SPDX-License-Identifier: MIT */
#include "vt_filter.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PARAMETERS_MAX = 15 };

static bool too_many(const char *parameters)
{
    int n = 1;

    for (; *parameters != '\0'; parameters++)
        n += *parameters == ';' || *parameters == ':';
    return n > PARAMETERS_MAX;
}

/* How many of the parameters after this one are its own: a colour's number or its three parts. */
static size_t operands(char *const *parameter, size_t left)
{
    if (left < 2 || (strcmp(parameter[0], "38") != 0 && strcmp(parameter[0], "48") != 0))
        return 0;
    return strcmp(parameter[1], "5") == 0 ? 2 : strcmp(parameter[1], "2") == 0 ? 4 : 0;
}

static const char *translated(const char *parameter)
{
    if (strcmp(parameter, "2") == 0)
        return "12";
    if (strcmp(parameter, "22") == 0)
        return "22;10";
    return parameter;
}

static size_t split(char *parameters, char *list[PARAMETERS_MAX])
{
    size_t count = 0;

    for (char *next = parameters; next != NULL;)
        list[count++] = strsep(&next, ";");
    return count;
}

/* An SGR with its dim written as a font. */
static void sink_sgr(char *parameters, vt_filter_sink *sink, void *user)
{
    char out[2 * VT_FILTER_MAX] =
        "\033["; /* at most fifteen parameters grow, by three bytes each */
    char *list[PARAMETERS_MAX];
    size_t count = split(parameters, list), len = 2, skip = 0;

    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%s", i > 0 ? ";" : "",
                                skip > 0 ? list[i] : translated(list[i]));
        skip = skip > 0 ? skip - 1 : operands(list + i, count - i);
    }
    out[len++] = 'm';
    sink(user, out, len);
}

/* Private modes, each in a sequence of its own. */
static void sink_modes(char *parameters, char final, vt_filter_sink *sink, void *user)
{
    char out[VT_FILTER_MAX + 8];
    char *list[PARAMETERS_MAX];
    size_t count = split(parameters, list);

    for (size_t i = 0; i < count; i++)
        sink(user, out, (size_t)snprintf(out, sizeof out, "\033[?%s%c", list[i], final));
}

static void sink_held(struct vt_filter *f, vt_filter_sink *sink, void *user)
{
    char parameters[VT_FILTER_MAX];
    char final = f->held[f->len - 1];
    size_t len = f->len - 3; /* without ESC [ and the final byte */

    memcpy(parameters, f->held + 2, len);
    parameters[len] = '\0';
    if (f->overlong || too_many(parameters))
        return;
    if (final == 'm' && strspn(parameters, "0123456789;") == len)
        sink_sgr(parameters, sink, user);
    else if ((final == 'h' || final == 'l') && parameters[0] == '?')
        sink_modes(parameters + 1, final, sink, user);
    else
        sink(user, f->held, f->len);
}

static void hold(struct vt_filter *f, char c)
{
    if (f->len < sizeof f->held)
        f->held[f->len++] = c;
    else
        f->overlong = 1;
}

/* A byte of a sequence, or what ends or breaks one. */
static void take(struct vt_filter *f, char c, vt_filter_sink *sink, void *user)
{
    unsigned char u = (unsigned char)c;

    if (f->state == VT_FILTER_ESCAPE && c == '[') {
        hold(f, c);
        f->state = VT_FILTER_CSI;
    } else if (f->state == VT_FILTER_CSI && u >= 0x20 && u < 0x40) {
        hold(f, c);
    } else if (f->state == VT_FILTER_CSI && u >= 0x40 && u < 0x7f) {
        hold(f, c);
        sink_held(f, sink, user);
        f->state = VT_FILTER_TEXT;
    } else {
        if (f->state == VT_FILTER_ESCAPE)
            sink(user, f->held, f->len); /* some other escape, whose ESC was held */
        if (c != '\033')
            sink(user, &c, 1);
        f->state = VT_FILTER_TEXT;
    }
}

void vt_filter(struct vt_filter *f, const char *bytes, size_t n, vt_filter_sink *sink, void *user)
{
    for (size_t i = 0; i < n;) {
        if (f->state == VT_FILTER_TEXT && bytes[i] != '\033') {
            const char *escape = memchr(bytes + i, '\033', n - i);
            size_t run = escape != NULL ? (size_t)(escape - bytes) - i : n - i;

            sink(user, bytes + i, run);
            i += run;
            continue;
        }
        if (f->state != VT_FILTER_TEXT)
            take(f, bytes[i], sink, user);
        if (bytes[i] == '\033') { /* also inside of a sequence, which it breaks */
            f->state = VT_FILTER_ESCAPE;
            f->len = 0;
            f->overlong = 0;
            hold(f, '\033');
        }
        i++;
    }
}
