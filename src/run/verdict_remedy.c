/* SPDX-License-Identifier: MIT */
#include "run/verdict_remedy.h"

#include <string.h>

#include "base/str.h"

/* --- each way of doing it, as its reader knows it -------------------------------------------- */

enum way {
    WAY_RECOVER,
    WAY_AGAIN,
    WAY_SPEED,
    WAY_NO_FLOW,
    WAY_SLOWER,
    WAY_SLOWER_OR_FLOW,
    WAY_TRANSCRIPT,
    WAY_NOT_BY_ONLY,
    WAY_COUNT
};

static const char *const ways[WAY_COUNT][READER_COUNT] = {
    [WAY_RECOVER] = {"run it with --recover", "press \"Recover and retry\""},
    [WAY_AGAIN] = {"Run it again to load what is missing", "Press \"Retry\" to load it all"},
    [WAY_SPEED] = {"with --baud (and --frame)", "on the Port step (\"Find speed\" looks for it)"},
    [WAY_NO_FLOW] = {"with --flow none", "on the Port step"},
    [WAY_SLOWER] = {"a lower --baud or --set transfer.window=16", "a lower speed on the Port step"},
    [WAY_SLOWER_OR_FLOW] = {"a lower --baud, or flow control (--flow)",
                            "a lower speed, or flow control, on the Port step"},
    [WAY_TRANSCRIPT] = {"a transcript (--trace FILE)", "the report (\"Save report\")"},
    /* A wizard's load is always of all: nobody there would think of it. */
    [WAY_NOT_BY_ONLY] = {"; --only device-key cannot change that", ""},
};

static const char *way(const struct ending *e, enum way which)
{
    return ways[which][e->reader];
}

/* --- a device that may wait ------------------------------------------------------------------ */

static const struct exchange_result *result_of(const struct ending *e)
{
    return loader_result(e->loader, e->failed);
}

static bool can_recover(const struct plan *plan)
{
    const char *terminator = plan->profile->upload.terminator;

    return terminator != NULL && terminator[0] != '\0';
}

/* Stopped or given up between command and prompt: nobody knows whether the upload is open. */
static bool prompt_unseen(const struct ending *e)
{
    const struct exchange_result *r;

    if (e->failed >= e->plan->count || e->plan->exchanges[e->failed].kind != EXCHANGE_UPLOAD)
        return false;
    r = result_of(e);
    return (r->failure == FAILURE_CANCELLED || r->failure == FAILURE_NO_PROMPT) &&
           r->body_sent == 0 && r->state == STATE_UNKNOWN;
}

/* "As far as is known the device still waits for `*`. ". */
static void add_waits(struct buf *out, const struct ending *e)
{
    const char *terminator = e->plan->profile->upload.terminator;
    bool unseen = prompt_unseen(e);

    if ((!loader_device_in_upload(e->loader) && !unseen) || !can_recover(e->plan))
        return;
    buf_add_str(out, unseen ? "The device may still wait for `"
                            : "As far as is known the device still waits for `");
    str_escape(out, terminator, strlen(terminator));
    buf_add_str(out, "`. ");
}

static bool add_recovery(struct buf *out, const struct ending *e)
{
    bool can = can_recover(e->plan);

    add_waits(out, e);
    buf_add_str(out, "Power-cycle the device, then try again");
    if (can)
        buf_printf(out, "; or %s", way(e, WAY_RECOVER));
    buf_add_char(out, '.');
    return can;
}

/* --- the line --------------------------------------------------------------------------------- */

static void add_check_line(struct buf *out, const struct plan *plan)
{
    buf_printf(out,
               "Check power, cable and port, and the line settings (now %ld %s, flow control %s); "
               "then try again.",
               plan->line.baud, plan->line.frame, flow_name(plan->line.flow));
}

/* Failures whose remedy does not depend on more than that they happened; false for others. */
static bool add_simple(struct buf *out, const struct ending *e)
{
    static const struct {
        const char *before, *after;
        enum way way; /* between the two */
    } rows[] = {
        [FAILURE_SPEED_MISMATCH] = {"Set the device's line speed ", ", then try again.", WAY_SPEED},
        [FAILURE_STALLED] = {"Check the handshake wires of the cable, or switch flow control off ",
                             ".", WAY_NO_FLOW},
        [FAILURE_LINK_LOST] = {"Plug the adapter in again, power-cycle the device, then try again.",
                               NULL, WAY_COUNT},
        [FAILURE_DIGEST] = {"Load it again; if it happens again, try ", ".", WAY_SLOWER},
        [FAILURE_ECHO_MISMATCH] = {"Power-cycle the device, then try again with ", ".", WAY_SLOWER},
    };
    size_t failure = (size_t)result_of(e)->failure;

    if (failure >= sizeof rows / sizeof *rows || rows[failure].before == NULL)
        return false;
    add_waits(out, e);
    buf_add_str(out, rows[failure].before);
    if (rows[failure].way != WAY_COUNT)
        buf_printf(out, "%s%s", way(e, rows[failure].way), rows[failure].after);
    return true;
}

/* --- a device that refuses -------------------------------------------------------------------- */

/* What the device said of it is all there is to go by. */
static void add_words(struct buf *out, const struct ending *e)
{
    const struct exchange *x = &e->plan->exchanges[e->failed];
    bool is_key = x->slot == SLOT_DEVICE_KEY;

    buf_add_str(out, "Port and line work. ");
    if (result_of(e)->answer[0] == '<')
        buf_printf(out,
                   "The device's words are withheld because they follow a %s%s. Ask its maker what "
                   "it accepts there.",
                   is_key || x->setting < 0 ? "private key" : "password",
                   is_key ? way(e, WAY_NOT_BY_ONLY) : "");
    else
        buf_printf(out, "Look the device's words up in its manual, or mail its maker %s.",
                   way(e, WAY_TRANSCRIPT));
}

static void add_disliked(struct buf *out, const struct exchange *x)
{
    buf_printf(
        out,
        "The file arrived as it was sent; the device does not like it. Ask its maker what it "
        "accepts as %s (%s). Nothing needs recovering: it is back at its command line.",
        slot_title((enum slot)x->slot),
        x->slot == SLOT_DEVICE_KEY ? "key type, size, format"
                                   : "key type, size, signature, format");
}

/* A device that refuses is back at its command line: unless it did so in mid-body nothing needs
 * recovering. */
static bool add_refused(struct buf *out, const struct ending *e)
{
    const struct exchange *x = &e->plan->exchanges[e->failed];
    const struct exchange_result *r = result_of(e);

    if (x->kind != EXCHANGE_UPLOAD || (r->body_sent == 0 && r->state == STATE_UNTOUCHED))
        add_words(out, e);
    else if (r->body_sent < x->body.len)
        return add_recovery(out, e);
    else if (!report_compared(r))
        buf_printf(out, "Bytes may have been lost on the line, where no echo shows it: try %s.",
                   way(e, WAY_SLOWER_OR_FLOW));
    else if (r->asked)
        buf_printf(out,
                   "The file arrived as it was sent, and the device is back at its command line. "
                   "Try again; if it happens again, mail its maker %s.",
                   way(e, WAY_TRANSCRIPT));
    else
        add_disliked(out, x);
    return false;
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool add_for_failure(struct buf *out, const struct ending *e)
{
    const struct exchange_result *r = result_of(e);
    bool in_upload = loader_device_in_upload(e->loader);

    if (add_simple(out, e))
        return in_upload && can_recover(e->plan);
    if (r->failure == FAILURE_NO_PROMPT && r->failure_at != 1)
        add_check_line(out, e->plan);
    else if (r->failure == FAILURE_REFUSED && !in_upload)
        return add_refused(out, e);
    else if (e->unknown || in_upload || r->failure == FAILURE_NO_PROMPT)
        return add_recovery(out, e);
    else if (r->failure == FAILURE_NO_ANSWER)
        add_check_line(out, e->plan);
    else if (r->failure == FAILURE_CANCELLED)
        buf_printf(out, "%s.", way(e, WAY_AGAIN));
    else
        buf_add_str(out, "Try again.");
    return false;
}

static void add_manual(struct buf *out, const struct plan *plan)
{
    if (plan->manual_count > 0)
        buf_printf(out, "%zu setting%s without a command must be entered by hand (%s).",
                   plan->manual_count, plan->manual_count == 1 ? "" : "s", plan->manual[0].where);
}

bool verdict_add_remedy(struct buf *out, const struct ending *e)
{
    if (loader_outcome(e->loader) == LOAD_DONE)
        add_manual(out, e->plan);
    else if (e->failed < e->plan->count)
        return add_for_failure(out, e);
    else if (loader_device_in_upload(e->loader) || e->unknown)
        return add_recovery(out, e);
    else
        buf_printf(out, "%s.", way(e, WAY_AGAIN));
    return false;
}
