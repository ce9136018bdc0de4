/* SPDX-License-Identifier: MIT */
#include "cmd/describe.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "job/preset.h"
#include "pki/validity.h"
#include "run/report.h"

static void print_bytes(FILE *f, const void *bytes, size_t n)
{
    struct buf b = {0};

    str_escape(&b, bytes, n);
    if (b.data != NULL)
        fputs(b.data, f);
    buf_reset(&b);
}

static void print_time(FILE *f, usec t)
{
    if (t >= 10 * USEC_PER_SEC)
        fprintf(f, "%lld s", (long long)((t + USEC_PER_SEC / 2) / USEC_PER_SEC));
    else
        fprintf(f, "%.2f s", (double)t / (double)USEC_PER_SEC);
}

static const char *style_of(const struct console *c, enum provenance provenance)
{
    return console_style(c, provenance == ASSUMED ? STYLE_WARN : STYLE_GOOD);
}

/* --- the plan ------------------------------------------------------------------------------- */

static void print_plan_head(const struct console *c, const struct plan *plan, bool bound)
{
    size_t bytes = 0;

    for (size_t i = 0; i < plan->count; i++)
        bytes += exchange_size(&plan->exchanges[i]);
    fprintf(c->people, "%sPlan%s: profile %s (", console_style(c, STYLE_BOLD),
            console_style(c, STYLE_PLAIN), plan->profile->id);
    print_safe(c->people, plan->profile->title);
    fprintf(c->people, "), %ld %s, flow control %s\n      %zu bytes, ", plan->line.baud,
            plan->line.frame, flow_name(plan->line.flow), bytes);
    print_time(c->people, plan->line_time);
    fputs(" on the line", c->people);
    if (bound) {
        fputs("; whatever the device does, over within ", c->people);
        print_time(c->people, plan->limit);
    }
    fputc('\n', c->people);
}

/* A line of the body for each line on the wire, its line end escaped. */
static void print_body(FILE *f, const struct exchange *x)
{
    const unsigned char *p = x->body.data;
    size_t left = x->body.len;

    while (left > 0) {
        const unsigned char *lf = memchr(p, '\n', left);
        size_t n = lf != NULL ? (size_t)(lf - p) + 1 : left;

        fputs("     > ", f);
        print_bytes(f, p, n);
        fputc('\n', f);
        p += n;
        left -= n;
    }
}

static void print_patterns(FILE *f, const texts patterns)
{
    for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++) {
        if (i > 0)
            fputs(" or ", f);
        print_bytes(f, patterns[i], strlen(patterns[i]));
    }
}

static void print_answer(FILE *f, const struct exchange *x)
{
    if (x->ok == NULL || x->ok[0] == NULL)
        return;
    fputs("     < ", f);
    print_patterns(f, x->ok);
    fputs("   (within ", f);
    print_time(f, x->result_timeout);
    if (x->fail != NULL && x->fail[0] != NULL) {
        fputs("; refused by ", f);
        print_patterns(f, x->fail);
    }
    fputs(")\n", f);
}

static void print_exchange(const struct console *c, const struct plan *plan, size_t i)
{
    const struct exchange *x = &plan->exchanges[i];
    FILE *f = c->people;

    fprintf(f, "\n%2zu.  %s%s%s  %zu bytes, ", i + 1, console_style(c, STYLE_BOLD), x->name,
            console_style(c, STYLE_PLAIN), exchange_size(x));
    print_time(f, line_time(&plan->line, exchange_size(x)));
    fprintf(f, "; command %s%s%s (", style_of(c, x->provenance), provenance_name(x->provenance),
            console_style(c, STYLE_PLAIN));
    print_safe(f, x->source != NULL ? x->source : "no source");
    fputs(")\n     > ", f);
    if (x->confidential && x->kind != EXCHANGE_UPLOAD)
        fprintf(f, "<%zu bytes: secret>", x->command.len);
    else
        print_bytes(f, x->command.data, x->command.len);
    fputc('\n', f);
    if (x->prompt != NULL) {
        fputs("     < ", f);
        print_bytes(f, x->prompt, strlen(x->prompt));
        fputs("   (within ", f);
        print_time(f, x->prompt_timeout);
        fputs(")\n", f);
    }
    if (x->kind == EXCHANGE_UPLOAD && x->confidential)
        fprintf(f, "     > <%zu bytes: secret>\n", x->body.len);
    else if (x->kind == EXCHANGE_UPLOAD)
        print_body(f, x);
    if (x->kind == EXCHANGE_UPLOAD && x->terminator != NULL && x->terminator[0] != '\0') {
        fputs("     > ", f);
        print_bytes(f, x->terminator, strlen(x->terminator));
        fputc('\n', f);
    }
    print_answer(f, x);
}

void describe_plan(const struct console *c, const struct plan *plan)
{
    print_plan_head(c, plan, true);
    for (size_t i = 0; i < plan->count; i++)
        print_exchange(c, plan, i);
    fputc('\n', c->people);
    describe_manual(c, plan);
}

void describe_plan_short(const struct console *c, const struct plan *plan)
{
    FILE *f = c->people;

    print_plan_head(c, plan, false);
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];

        fprintf(f, "  %2zu. %-12s %5zu bytes  ", i + 1, x->name, exchange_size(x));
        print_time(f, line_time(&plan->line, exchange_size(x)));
        fprintf(f, "  %s%s%s\n", style_of(c, x->provenance), provenance_name(x->provenance),
                console_style(c, STYLE_PLAIN));
    }
}

void describe_manual(const struct console *c, const struct plan *plan)
{
    FILE *f = c->people;
    struct buf b = {0};

    if (plan->manual_count == 0)
        return;
    buf_printf(&b,
               ": this profile has no command for these; enter them in %s:", plan->manual[0].where);
    fprintf(f, "%sBy hand%s", console_style(c, STYLE_BOLD), console_style(c, STYLE_PLAIN));
    print_wrapped(f, 7, 2, b.data != NULL ? b.data : ":");
    for (size_t i = 0; i < plan->manual_count; i++) {
        const struct manual_step *m = &plan->manual[i];

        fputs("  ", f);
        print_safe(f, m->field);
        fprintf(f, "%*s", strlen(m->field) < 20 ? (int)(20 - strlen(m->field)) : 1, "");
        buf_reset(&b);
        report_manual_value(&b, m);
        fprintf(f, "%s\n", b.data != NULL ? b.data : "");
    }
    buf_reset(&b);
}

/* --- credentials ---------------------------------------------------------------------------- */

static void print_field(const struct console *c, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    fprintf(c->people, "    %s%-14s%s ", console_style(c, STYLE_DIM), name,
            console_style(c, STYLE_PLAIN));
    print_bytes(c->people, value, strlen(value));
    fputc('\n', c->people);
}

static void print_cert(const struct console *c, const struct cert_info *info, time_t now)
{
    char from[40], to[40], left[48], text[160];

    snprintf(text, sizeof text, "%s to %s (%s)", validity_date(info->not_before, from, sizeof from),
             validity_date(info->not_after, to, sizeof to),
             validity_left(info, now, left, sizeof left));
    print_field(c, "subject", info->subject);
    print_field(c, "issuer", info->self_signed ? "itself (self-signed)" : info->issuer);
    print_field(c, "names", info->sans);
    print_field(c, "valid", text);
    print_field(c, "key", info->key.name);
    print_field(c, "CA", info->is_ca ? "yes" : "no");
    print_field(c, "for", info->eku);
    print_field(c, "key usage", info->key_usage);
    print_field(c, "signed with", info->signature);
    print_field(c, "serial", info->serial);
    print_field(c, "SHA-1", info->sha1);
    print_field(c, "SHA-256", info->sha256);
}

/* "fits device-cert and device-key". */
static void print_fits(const struct console *c, const struct credential *cr, time_t now)
{
    int slot = credential_fits(cr);
    bool both = slot == SLOT_DEVICE_CERT && credential_key(cr) != NULL;
    const char *unfit =
        credential_cert_count(cr) > 0 ? credential_unfit(cr, credential_leaf(cr), now) : NULL;

    if (slot < 0)
        print_field(c, "fits", "no slot");
    else if (both)
        print_field(c, "fits", "device-cert and device-key");
    else
        print_field(c, "fits", slot_name((enum slot)slot));
    if (slot >= 0 && unfit != NULL)
        print_field(c, "but", unfit);
}

void describe_credential(const struct console *c, const char *path, const struct credential *cr,
                         time_t now)
{
    size_t count = credential_cert_count(cr);
    FILE *f = c->people;

    fputs(console_style(c, STYLE_BOLD), f);
    print_bytes(f, path, strlen(path));
    fprintf(f, "%s\n", console_style(c, STYLE_PLAIN));
    for (size_t i = 0; i < count; i++) {
        if (count > 1)
            fprintf(f, "  certificate %zu of %zu\n", i + 1, count);
        else
            fputs("  certificate\n", f);
        print_cert(c, credential_cert(cr, i), now);
    }
    if (credential_key(cr) != NULL) {
        fputs("  private key (not shown)\n", f);
        print_field(c, "key", credential_key(cr)->name);
        print_field(c, "public SHA-256", credential_key(cr)->sha256);
        if (count > 0)
            print_field(c, "belongs to",
                        credential_key_matches(cr, cr, credential_leaf(cr))
                            ? "the certificate in this file"
                            : "another certificate than the one in this file");
    }
    print_fits(c, cr, now);
}

/* --- the job -------------------------------------------------------------------------------- */

static void print_slot(const struct console *c, const struct job_credential *jc, enum slot slot,
                       time_t now)
{
    const struct credential *cr = jc->credential;
    FILE *f = c->people;

    fprintf(f, "  %-12s ", slot_name(slot));
    if (slot == SLOT_DEVICE_KEY) {
        fprintf(f, "%s\n", credential_key(cr) != NULL ? credential_key(cr)->name : "no key");
        return;
    }
    if (credential_cert_count(cr) == 0) {
        fputs("no certificate\n", f);
        return;
    }
    const struct cert_info *info = credential_cert(cr, credential_leaf(cr));
    char left[48];

    print_bytes(f, info->subject, strlen(info->subject));
    fprintf(f, "; %s; %s\n", info->key.name, validity_left(info, now, left, sizeof left));
    fprintf(f, "    SHA-1    %s\n    SHA-256  %s\n", info->sha1, info->sha256);
}

static void print_portal(const struct console *c, const struct job *job)
{
    struct buf b = {0};

    if (job->preset != PRESET_AZURE || job->device_id == NULL ||
        job->credentials[SLOT_DEVICE_CERT].credential == NULL)
        return;
    buf_add_str(&b, "In the Azure portal (IoT hub, Devices): device ID ");
    buf_add_str(&b, job->device_id);
    buf_add_str(&b, ", authentication X.509 self-signed with the thumbprint of device-cert above, "
                    "or X.509 CA signed if its issuer is registered with the hub.");
    print_wrapped(c->people, 0, 2, b.data != NULL ? b.data : "");
    buf_reset(&b);
}

void describe_job(const struct console *c, const struct job *job, time_t now)
{
    FILE *f = c->people;

    fprintf(f, "%sCredentials%s\n", console_style(c, STYLE_BOLD), console_style(c, STYLE_PLAIN));
    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        if (job->credentials[s].credential != NULL)
            print_slot(c, &job->credentials[s], s, now);
    }
    fprintf(f, "%sSettings%s", console_style(c, STYLE_BOLD), console_style(c, STYLE_PLAIN));
    if (job->preset != PRESET_NONE)
        fprintf(f, " (preset %s)", preset_name(job->preset));
    fputc('\n', f);
    for (enum setting s = 0; s < SETTING_COUNT; s++) {
        const char *value = job_value(job, s);

        if (value != NULL) {
            fprintf(f, "  %-12s ", setting_info(s)->name);
            print_bytes(f, value, strlen(value));
            fputc('\n', f);
        }
    }
    if (job->password.len > 0)
        fprintf(f, "  %-12s <%zu bytes: secret>\n", setting_info(SETTING_PASSWORD)->name,
                job->password.len);
    print_portal(c, job);
}
