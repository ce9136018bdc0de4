/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

#include <string.h>

#include "base/buf.h"
#include "device/emulator_text.h"

enum { SPLIT_BYTES = 3 };

static const usec split_gap = 30 * USEC_PER_MS;

static const char colour_on[] = "\x1b[32m";
static const char colour_off[] = "\x1b[0m";

static const struct {
    bool behind_body; /* the body's echo stands before it */
    bool result;      /* the last word of an exchange */
    bool upload;      /* in the words for uploads, not for commands */
} kinds[] = {
    [SAY_PROMPT] = {false, false, true},    [SAY_ANSWER] = {false, true, false},
    [SAY_REFUSAL] = {false, true, true},    [SAY_BODY_LINE] = {true, false, true},
    [SAY_BODY_ANSWER] = {true, true, true}, [SAY_OTHER] = {false, false, false},
};

static const char *const noise_lines[] = {
    "[0000012.345] wlan: rssi -71 dBm, channel 6",
    "[0000012.346] heap: 18232 free, largest 9216",
    "last: uptime 86400 s, 3 resets",
    "[0000012.347] adc: vbat 3712 mV",
};

/* Without CR, LF, or anything that is text. */
static const unsigned char garbage[] = {
    0xF8, 0x80, 0x1E, 0xE6, 0x00, 0x98, 0xFE, 0x86, 0x9E, 0x06, 0xF8, 0x66, 0xE0, 0x18, 0x80, 0xFE,
    0x1E, 0x00, 0xE6, 0xF8, 0x98, 0x78, 0x86, 0xE0, 0xFE, 0x06, 0x80, 0x66, 0x9E, 0xF8, 0x18, 0x00,
};

/* A UART that nobody reads from forgets what does not fit. */
void emulator_emit(struct emulator *e, const void *bytes, size_t n, usec due)
{
    const unsigned char *p = bytes;

    if (e->deaf || n == 0)
        return;
    if (due > e->last_due)
        e->last_due = due;
    for (size_t i = 0; i < n; i++)
        (void)byte_queue_push(&e->out, p[i], e->last_due);
    e->midline = p[n - 1] != '\r' && p[n - 1] != '\n';
}

static void echo_line_end(struct emulator *e, usec due)
{
    const char *eol = eol_bytes(e->options.echo_eol);

    emulator_emit(e, eol, strlen(eol), due);
}

void emulator_echo(struct emulator *e, unsigned char c, usec t)
{
    usec due = t + e->options.echo_delay;
    bool lf_of_crlf = c == '\n' && e->cr_seen;

    if (e->options.echo == ECHO_OFF || e->mute_line ||
        (e->body.open && (e->options.echo == ECHO_COMMANDS || e->body.echo_stopped)))
        return;
    if (c == '\r' || (c == '\n' && !lf_of_crlf))
        echo_line_end(e, due);
    else if (!lf_of_crlf)
        emulator_emit(e, &c, 1, due);
}

void emulator_noise(struct emulator *e, usec t)
{
    const char *text = noise_lines[e->noise_lines % (sizeof noise_lines / sizeof noise_lines[0])];

    if (!emulator_strike(e, FAULT_NOISE))
        return;
    e->noise_lines++;
    if (e->midline)
        emulator_emit(e, "\r\n", 2, t);
    emulator_emit(e, text, strlen(text), t);
    emulator_emit(e, "\r\n", 2, t);
}

/* The text, coloured, cut and ended as options and faults will have it. */
static void dress(struct emulator *e, struct buf *out, enum say what, const char *text)
{
    bool cut =
        (what == SAY_ANSWER || what == SAY_BODY_ANSWER) && emulator_strike(e, FAULT_TRUNCATED);
    size_t n = strlen(text);

    if (e->options.colour)
        buf_add_str(out, colour_on);
    buf_add(out, text, cut ? n / 2 : n);
    if (cut)
        return;
    if (e->options.colour)
        buf_add_str(out, colour_off);
    if (!emulator_strike(e, FAULT_NO_EOL))
        buf_add_str(out, "\r\n");
}

static void emit_split(struct emulator *e, const struct buf *b, usec due)
{
    for (size_t i = 0; i < b->len; i += SPLIT_BYTES) {
        size_t n = b->len - i < SPLIT_BYTES ? b->len - i : SPLIT_BYTES;

        emulator_emit(e, b->data + i, n, due);
        due = e->last_due + split_gap;
    }
}

void emulator_say(struct emulator *e, enum say what, const char *text, usec t)
{
    usec due = t + e->options.latency;
    bool behind_body = kinds[what].behind_body && e->options.echo == ECHO_ON;
    bool glued = behind_body && emulator_strike(e, FAULT_GLUED);
    struct buf b = {0};

    if (!glued) {
        if (behind_body && e->midline)
            emulator_emit(e, "\r\n", 2, due);
        emulator_noise(e, due);
    }
    dress(e, &b, what, text);
    if (emulator_strike(e, FAULT_SPLIT))
        emit_split(e, &b, due);
    else
        emulator_emit(e, b.data, b.len, due);
    buf_reset(&b);
}

static const char *first_of(texts list)
{
    return list == NULL ? NULL : list[0];
}

/* The profile's first pattern for success or failure of an upload or a plain command; a profile
 * without patterns for commands uses those of uploads. */
static const char *pattern_for(const struct emulator *e, enum say what, bool ok)
{
    const struct profile *p = e->profile;
    const char *upload = first_of(ok ? p->upload.ok : p->upload.fail);
    const char *command = first_of(ok ? p->answers.ok : p->answers.fail);

    if (kinds[what].upload)
        return upload;
    return command != NULL ? command : upload;
}

static void ok_text(const struct emulator *e, enum say what, struct buf *text)
{
    const char *pattern = pattern_for(e, what, true);

    text_of_pattern(text, pattern == NULL ? "OK" : pattern, NULL, 0, "");
    buf_add(text, "", 0);
}

void emulator_say_ok(struct emulator *e, enum say what, usec t)
{
    struct buf text = {0};

    ok_text(e, what, &text);
    if (!text.failed)
        emulator_say(e, what, text.data, t);
    buf_reset(&text);
}

void emulator_say_ok_in_log(struct emulator *e, enum say what, usec t)
{
    struct buf text = {0};

    buf_add_str(&text, "last: ");
    ok_text(e, what, &text);
    buf_add_str(&text, " (3)");
    if (!text.failed)
        emulator_say(e, what == SAY_BODY_ANSWER ? SAY_BODY_LINE : SAY_OTHER, text.data, t);
    emulator_say_failure(e, what, REFUSAL_FAULT, t);
    buf_reset(&text);
}

void emulator_say_failure(struct emulator *e, enum say what, enum refusal why, usec t)
{
    static const struct text_value code = {"code", 4, "1", 1};
    const char *pattern = pattern_for(e, what, false);
    struct buf reason = {0};
    struct buf text = {0};

    buf_printf(&reason, " %d: %s", (int)why, refusal_text(why));
    if (!reason.failed)
        text_of_pattern(&text, pattern == NULL ? "ERROR*" : pattern, &code, 1, reason.data);
    buf_add(&text, "", 0);
    if (!text.failed)
        emulator_say(e, what, text.data, t);
    buf_reset(&text);
    buf_reset(&reason);
}

void emulator_say_garbage(struct emulator *e, usec t)
{
    emulator_emit(e, garbage, sizeof garbage, t + e->options.latency);
}

void emulator_flood(struct emulator *e)
{
    e->flood_left = EMULATOR_FLOOD;
}

void emulator_say_banner(struct emulator *e, usec t)
{
    const char *pattern = first_of(e->profile->answers.boot);
    struct buf b = {0};

    buf_add_str(&b, "\r\n");
    text_of_pattern(&b, pattern == NULL ? "BOOT" : pattern, NULL, 0, "");
    buf_add_str(&b, "\r\n");
    emulator_emit(e, b.data, b.len, t);
    buf_reset(&b);
}
