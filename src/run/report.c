/* SPDX-License-Identifier: MIT */
#include "run/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* --- why an exchange failed ----------------------------------------------------------------- */

static void add_seconds(struct buf *out, usec t)
{
    if (t % USEC_PER_SEC == 0)
        buf_printf(out, "%lld s", (long long)(t / USEC_PER_SEC));
    else
        buf_printf(out, "%.1f s", (double)t / (double)USEC_PER_SEC);
}

static void add_line(struct buf *out, const struct line_settings *line)
{
    buf_printf(out, "%ld %s", line->baud, line->frame);
}

/* The device's words: "<n bytes>" where they were masked, else in quotes. */
static void add_answer(struct buf *out, const char *answer)
{
    if (answer[0] == '\0')
        return;
    if (answer[0] == '<') {
        buf_printf(out, " (in words that are not shown: %s)", answer);
        return;
    }
    buf_add_str(out, ": \"");
    str_escape(out, answer, strlen(answer));
    buf_add_char(out, '"');
}

static void fail_no_prompt(struct buf *out, const struct plan *plan, const struct exchange *x,
                           const struct exchange_result *r)
{
    (void)plan;
    buf_add_str(out, r->failure_at == 1 ? "the command was echoed, but no prompt "
                                        : "no answer to the command: no prompt ");
    if (x->prompt != NULL) {
        buf_add_char(out, '`');
        str_escape(out, x->prompt, strlen(x->prompt));
        buf_add_str(out, "` ");
    }
    buf_add_str(out, "came within ");
    add_seconds(out, x->prompt_timeout);
    buf_add_str(out, r->failure_at == 1 ? "; the device may still be inside an earlier upload"
                                        : "; no byte of the body was sent");
}

static void fail_refused(struct buf *out, const struct plan *plan, const struct exchange *x,
                         const struct exchange_result *r)
{
    (void)plan;
    if (r->asked) {
        buf_add_str(out, "no answer within ");
        add_seconds(out, x->result_timeout);
        buf_add_str(out, "; asked, the device said that it has not stored it");
        return;
    }
    buf_add_str(out, "the device refused it");
    if (x->kind == EXCHANGE_UPLOAD && r->body_sent == 0)
        buf_add_str(out, " before any of the body was sent");
    else if (x->kind == EXCHANGE_UPLOAD && r->body_sent < x->body.len)
        buf_printf(out, " after %zu of %zu bytes", r->body_sent, x->body.len);
    add_answer(out, r->answer);
}

static void fail_answered_early(struct buf *out, const struct plan *plan, const struct exchange *x,
                                const struct exchange_result *r)
{
    (void)plan;
    (void)r;
    buf_add_str(out, "the device reported success before the end of ");
    buf_add_str(out, x->kind == EXCHANGE_UPLOAD ? "the body" : "the command");
    buf_add_str(out, " can have reached it; that answer does not count");
}

static void fail_echo(struct buf *out, const struct plan *plan, const struct exchange *x,
                      const struct exchange_result *r)
{
    (void)plan;
    (void)x;
    buf_printf(out,
               "the echo differs from what was sent at body byte %zu: a byte was lost or changed "
               "on the line",
               r->failure_at);
    if (r->answer[0] != '\0') /* a line of its own: the device may have restarted */
        buf_add_str(out, ", or the device had something else to say");
    add_answer(out, r->answer);
}

static void fail_rebooted(struct buf *out, const struct plan *plan, const struct exchange *x,
                          const struct exchange_result *r)
{
    (void)plan;
    if (x->kind == EXCHANGE_UPLOAD)
        buf_printf(out, "the device restarted after %zu of %zu bytes", r->body_sent, x->body.len);
    else
        buf_add_str(out, "the device restarted");
    add_answer(out, r->answer);
}

static void fail_no_answer(struct buf *out, const struct plan *plan, const struct exchange *x,
                           const struct exchange_result *r)
{
    (void)plan;
    (void)r;
    buf_add_str(out, "no answer within ");
    add_seconds(out, x->result_timeout);
    buf_add_str(out,
                x->kind == EXCHANGE_UPLOAD ? " after the end of the body" : " after the command");
}

static void fail_speed(struct buf *out, const struct plan *plan, const struct exchange *x,
                       const struct exchange_result *r)
{
    (void)x;
    (void)r;
    buf_add_str(out, "what came back is not text: the line speed is probably not ");
    add_line(out, &plan->line);
}

static void fail_digest(struct buf *out, const struct plan *plan, const struct exchange *x,
                        const struct exchange_result *r)
{
    (void)plan;
    (void)x;
    buf_add_str(out, "the device reports that it stored something else than was sent");
    add_answer(out, r->answer);
}

static void fail_stalled(struct buf *out, const struct plan *plan, const struct exchange *x,
                         const struct exchange_result *r)
{
    switch (plan->line.flow) {
    case FLOW_RTSCTS:
        buf_add_str(out, "the line did not take the bytes: RTS/CTS flow control is on and CTS "
                         "stays low");
        break;
    case FLOW_XONXOFF:
        buf_add_str(out, "the line did not take the bytes: XON/XOFF flow control is on and the "
                         "device does not let go");
        break;
    case FLOW_UNSET:
    case FLOW_NONE:
        buf_add_str(out, "the port did not take the bytes in time");
        break;
    }
    if (x->kind == EXCHANGE_UPLOAD)
        buf_printf(out, " (%zu of %zu bytes of the body)", r->body_sent, x->body.len);
}

static void fail_link_lost(struct buf *out, const struct plan *plan, const struct exchange *x,
                           const struct exchange_result *r)
{
    (void)plan;
    buf_add_str(out, "the port went away");
    if (x->kind == EXCHANGE_UPLOAD && r->body_sent > 0)
        buf_printf(out, " after %zu of %zu bytes of the body", r->body_sent, x->body.len);
}

static void fail_cancelled(struct buf *out, const struct plan *plan, const struct exchange *x,
                           const struct exchange_result *r)
{
    (void)plan;
    buf_add_str(out, "interrupted");
    if (x->kind == EXCHANGE_UPLOAD && r->body_sent > 0)
        buf_printf(out, " after %zu of %zu bytes of the body", r->body_sent, x->body.len);
}

typedef void (*failure_teller)(struct buf *, const struct plan *, const struct exchange *,
                               const struct exchange_result *);

static const failure_teller tellers[] = {
    [FAILURE_NONE] = NULL,
    [FAILURE_NO_PROMPT] = fail_no_prompt,
    [FAILURE_REFUSED] = fail_refused,
    [FAILURE_ANSWERED_EARLY] = fail_answered_early,
    [FAILURE_ECHO_MISMATCH] = fail_echo,
    [FAILURE_REBOOTED] = fail_rebooted,
    [FAILURE_NO_ANSWER] = fail_no_answer,
    [FAILURE_SPEED_MISMATCH] = fail_speed,
    [FAILURE_DIGEST] = fail_digest,
    [FAILURE_STALLED] = fail_stalled,
    [FAILURE_LINK_LOST] = fail_link_lost,
    [FAILURE_CANCELLED] = fail_cancelled,
};

void report_failure(struct buf *out, const struct plan *plan, const struct loader *loader,
                    size_t exchange)
{
    const struct exchange_result *r = loader_result(loader, exchange);

    if (tellers[r->failure] != NULL)
        tellers[r->failure](out, plan, &plan->exchanges[exchange], r);
}

/* --- the rate ------------------------------------------------------------------------------- */

double report_bytes_per_second(const struct plan *plan, const struct exchange_result *result,
                               size_t exchange)
{
    size_t n = plan->exchanges[exchange].body.len;
    usec took = result->body_ended - result->body_began;
    usec least = line_time(&plan->line, n);

    if (n == 0 || result->state != STATE_LOADED || result->body_ended <= result->body_began)
        return 0;
    /* The last bytes were handed over up to 20 ms before they left: no body is faster than its
     * line. */
    return (double)n * (double)USEC_PER_SEC / (double)(took > least ? took : least);
}

void report_rate(struct buf *out, const struct plan *plan, const struct exchange_result *result,
                 size_t exchange)
{
    double rate = report_bytes_per_second(plan, result, exchange);

    if (rate <= 0)
        return;
    buf_printf(out, "%.0f %% of line rate",
               rate * 100.0 * (double)line_bits_per_byte(&plan->line) / (double)plan->line.baud);
    if (result->limited_by == NULL || strcmp(result->limited_by, "line speed") == 0)
        return;
    buf_printf(out, ", limited by %s", result->limited_by);
    if (strcmp(result->limited_by, "echo delay") == 0)
        buf_printf(out, " of %.1f ms", (double)result->echo_delay / (double)USEC_PER_MS);
    if (result->window > 0)
        buf_printf(out, ", window %zu", result->window);
}

void report_manual_value(struct buf *out, const struct manual_step *step)
{
    if (step->value == NULL)
        buf_add_str(out, "(the password, which is not shown)");
    else if (step->setting == SETTING_TLS)
        buf_add_str(out, strcmp(step->value, "true") == 0 ? "yes" : "no");
    else
        str_escape(out, step->value, strlen(step->value));
}

bool report_compared(const struct exchange_result *result)
{
    return result->window > 0 && result->limited_by != NULL &&
           strcmp(result->limited_by, "lost echo") != 0;
}
