/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "job/azcli.h"
#include "pki/validity.h"
#include "ui/keys.h"
#include "ui/maker.h"

/* What was made. Thumbprints stand in rows of their own, without a frame beside them, so that a
 * mouse can copy them out of the terminal. */

struct made_page {
    struct layer layer;
    struct wizard *w;
    struct form form;
};

enum { ID_ENROLL = 1, ID_CLOSE };
enum { MADE_CLICK = 1, MADE_CLOSE, MADE_ENROLL };
enum { LABEL = 13 };

static const struct keyrow made_keys[] = {
    {KEY_ESC, MADE_CLOSE, "Close", "back to the cards"},
    {KEY_CTRL('C'), MADE_CLOSE, NULL, NULL},
    {KEY_FN(KEY_F(9)), MADE_ENROLL, "Register", "how the cloud is told of the device"},
    {0},
};

static void made_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = made_keys;
    tables[1] = form_keys;
}

static const char *made_title(const struct layer *l)
{
    (void)l;
    return "What was made";
}

static const char *made_about(const struct layer *l)
{
    (void)l;
    return "The files of the key and the certificate that were made last, and the thumbprints by "
           "which a cloud knows the certificate. Most terminals copy with the mouse while Shift "
           "is held.";
}

static void add_row(struct lines *out, const char *label, const char *text)
{
    struct buf safe = {0};

    str_escape(&safe, text, strlen(text));
    lines_add_labelled(out, ROLE_TEXT, 0, LABEL, label, safe.data != NULL ? safe.data : "");
    buf_reset(&safe);
}

static void add_dates(struct lines *out, const struct issued *made)
{
    const struct cert_info cert = {.not_before = made->not_before, .not_after = made->not_after};
    char day[48], left[48], text[160];

    snprintf(text, sizeof text, "%s (%s)%s", validity_date(made->not_after, day, sizeof day),
             validity_left(&cert, time(NULL), left, sizeof left),
             made->shortened ? ", when its CA ends" : "");
    add_row(out, "valid until", text);
}

static void add_files(struct lines *out, const struct issued *made)
{
    add_row(out, "certificate", made->cert_file);
    if (made->chain_file != NULL)
        add_row(out, "with chain", made->chain_file);
    add_row(out, "private key", made->key_file);
    if (made->issuer != NULL)
        add_row(out, "issued by", made->issuer);
    add_dates(out, made);
    add_row(out, "serial", made->serial);
}

static void add_next(struct lines *out, const struct maker *m)
{
    const struct azcli_options options = {0};

    if (m->w->prepared.job.preset == PRESET_AWS)
        lines_add(out, ROLE_TEXT, 0,
                  "Next: register the certificate in the AWS IoT console, make it active, and "
                  "attach a policy to it.");
    else if (azcli_check(&m->w->prepared.job, &options, NULL) != 0)
        lines_add(out, ROLE_TEXT, 0, "Next: the broker has to be told of %s.",
                  m->made.issuer == NULL ? "this certificate" : "the CA, if it does not know it");
    else if (m->made.issuer == NULL)
        lines_add(out, ROLE_TEXT, 0,
                  "Next, in Azure: IoT Hub, Devices, Add device, X.509 Self-Signed; paste one of "
                  "the thumbprints as primary and as secondary. Or F9: the commands.");
    else
        lines_add(out, ROLE_TEXT, 0,
                  "Next, in Azure: IoT Hub, Devices, Add device, X.509 CA Signed; the hub must "
                  "know the CA. Or F9: the commands.");
}

static void build(struct made_page *p)
{
    const struct maker *m = p->w->maker;
    struct item *item;

    form_begin(&p->form);
    item = form_add(&p->form, ITEM_LINES, 0, NULL);
    if (m->taken)
        lines_add(&item->lines, ROLE_GOOD, 0, "%s Made. The cards have taken both files.",
                  mark(ROLE_GOOD));
    else
        lines_add(&item->lines, ROLE_WARN, 0,
                  "%s Made. A load was running, so the cards have kept their files.",
                  mark(ROLE_WARN));
    lines_add_findings(&item->lines, 0, &m->notes, NULL, NULL);
    add_files(&item->lines, &m->made);
    lines_add(&item->lines, ROLE_TEXT, 0, " ");
    lines_add(&item->lines, ROLE_TEXT, 0, "SHA-1 thumbprint");
    lines_add(&item->lines, ROLE_STRONG, 0, "%s", m->made.sha1);
    lines_add(&item->lines, ROLE_TEXT, 0, "SHA-256 thumbprint");
    lines_add(&item->lines, ROLE_STRONG, 0, "%s", m->made.sha256);
    lines_add(&item->lines, ROLE_TEXT, 0, " ");
    add_next(&item->lines, m);
    lines_add(&item->lines, ROLE_TEXT, 0, " ");
    item = form_add(&p->form, ITEM_BUTTONS, 0, NULL);
    form_button(item, ID_CLOSE, "Close", false);
    form_button(item, ID_ENROLL, "Register the device...", false);
}

static void made_draw(struct layer *l, const struct canvas *c)
{
    struct made_page *p = (struct made_page *)l;
    struct canvas bar = canvas_part(c, 0, 0, 1, c->area.w);
    struct canvas body = canvas_part(c, 1, 1, c->area.h - 3, c->area.w - 2);
    char title[128];
    int n = snprintf(title, sizeof title, "Made for ");

    build(p);
    str_escape_to(title + n, sizeof title - (size_t)n, p->w->maker->made.id,
                  strlen(p->w->maker->made.id));
    canvas_clear(c, ROLE_TEXT);
    canvas_clear(&bar, ROLE_BAR);
    draw_text(&bar, 0, 1, c->area.w - 2, ROLE_BAR_KEY, title);
    form_draw(&p->form, &body, MADE_CLICK);
}

static void handle(struct made_page *p, enum form_event event)
{
    if (event != FORM_PRESSED)
        return;
    if (form_focused(&p->form) == ID_ENROLL)
        enroll_open(p->w);
    else
        app_pop(p->layer.app, &p->layer);
}

static void made_act(struct layer *l, int action, int arg)
{
    struct made_page *p = (struct made_page *)l;

    build(p);
    if (action == MADE_CLOSE)
        app_pop(l->app, l);
    else if (action == MADE_ENROLL)
        enroll_open(p->w);
    else if (action == MADE_CLICK)
        handle(p, form_click(&p->form, arg));
    else
        handle(p, form_key(&p->form, arg));
}

static void made_key(struct layer *l, int key)
{
    struct made_page *p = (struct made_page *)l;

    build(p);
    handle(p, form_key(&p->form, key));
}

static void made_wheel(struct layer *l, int row, int col, int steps)
{
    (void)row;
    (void)col;
    form_wheel(&((struct made_page *)l)->form, steps);
}

static void made_close(struct layer *l)
{
    struct made_page *p = (struct made_page *)l;

    form_reset(&p->form);
    free(p);
}

static const struct layer_class made_class = {
    .keys = made_tables,
    .title = made_title,
    .about = made_about,
    .draw = made_draw,
    .act = made_act,
    .key = made_key,
    .wheel = made_wheel,
    .close = made_close,
};

void made_open(struct wizard *w)
{
    struct made_page *p = w->maker->made.id != NULL ? calloc(1, sizeof *p) : NULL;

    if (p == NULL)
        return;
    p->layer.class = &made_class;
    p->w = w;
    app_push(w->app, &p->layer);
}
