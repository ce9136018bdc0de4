/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "job/agreement.h"
#include "pki/credential.h"
#include "pki/root.h"
#include "pki/validity.h"
#include "ui/browser.h"
#include "ui/cards.h"
#include "ui/keys.h"
#include "ui/maker.h"
#include "ui/paste_box.h"
#include "ui/proposal.h"

/* Three cards, the one with the focus opened, and whether they agree with one another. */

enum { ID_FOLDER = 1, ID_MAKE, ID_MADE, ID_ENROLL };
enum { OF_PATH = 1, OF_BROWSE, OF_PASTE, OF_UNLOCK, OF_CLEAR }; /* of a card's hundred */
enum { CERT_BROWSE = 100, CERT_PASTE, CERT_FOLDER, CERT_MAKE };

static int id_of(enum slot slot, int what)
{
    return 100 * ((int)slot + 1) + what;
}

/* The card in which an item is; -1 if in none. */
static int slot_of(int id)
{
    return id / 100 - 1;
}

static const struct keyrow certificate_keys[] = {
    {KEY_FN(KEY_F(6)), CERT_BROWSE, "Browse", "pick a file for this card"},
    {KEY_CTRL('O'), CERT_BROWSE, NULL, NULL},
    {KEY_FN(KEY_F(7)), CERT_PASTE, "Paste", "paste PEM text into this card"},
    {KEY_FN(KEY_F(8)), CERT_FOLDER, NULL, "take a whole folder: which file is which is proposed"},
    {KEY_FN(KEY_F(9)), CERT_MAKE, NULL, "make a key and a certificate for the device"},
    {0},
};

/* --- what a card says ------------------------------------------------------------------------- */

static void add_cert(struct lines *out, const struct cert_info *info, bool whole)
{
    const struct known_root *root = root_by_sha256(info->sha256);
    char left[48], to[40];
    struct buf b = {0};

    validity_left(info, time(NULL), left, sizeof left);
    validity_date(info->not_after, to, sizeof to);
    if (!whole) {
        buf_add_str(&b, root != NULL ? "root " : "");
        str_escape(&b, info->subject, strlen(info->subject));
        buf_printf(&b, ", %s, %s", info->key.name, left);
        lines_add(out, ROLE_TEXT, 0, "%s", b.data != NULL ? b.data : "");
        buf_reset(&b);
        return;
    }
    str_escape(&b, info->subject, strlen(info->subject));
    lines_add_labelled(out, ROLE_TEXT, 0, 9, "subject", b.data != NULL ? b.data : "");
    b.len = 0;
    str_escape(&b, info->issuer, strlen(info->issuer));
    lines_add_labelled(out, ROLE_TEXT, 0, 9, "issuer",
                       info->self_signed ? "itself (self-signed)" : b.data);
    b.len = 0;
    buf_printf(&b, "until %s, %s; %s", to, left, info->key.name);
    lines_add_labelled(out, ROLE_TEXT, 0, 9, "valid", b.data != NULL ? b.data : "");
    lines_add_labelled(out, ROLE_DIM, 0, 9, "SHA-1", info->sha1);
    lines_add_labelled(out, ROLE_DIM, 0, 9, "SHA-256", info->sha256);
    if (root != NULL)
        lines_add_labelled(out, ROLE_DIM, 0, 9, "known as", root->name);
    buf_reset(&b);
}

static void add_content(const struct wizard *w, enum slot slot, bool whole, struct lines *out)
{
    const struct credential *c = w->prepared.job.credentials[slot].credential;
    const struct key_info *key = c != NULL ? credential_key(c) : NULL;
    size_t certs = c != NULL ? credential_cert_count(c) : 0;

    if (c == NULL)
        return;
    if (slot == SLOT_DEVICE_KEY && key != NULL) {
        lines_add(out, ROLE_TEXT, 0, "private key, %s", key->name);
        if (whole)
            lines_add_labelled(out, ROLE_DIM, 0, 9, "public", key->sha256);
    } else if (certs > 0) {
        add_cert(out, credential_cert(c, credential_leaf(c)), whole);
        if (whole && certs > 1)
            lines_add(out, ROLE_DIM, 0, "and %zu more certificate%s in the file", certs - 1,
                      certs > 2 ? "s" : "");
    }
}

static enum role role_of_card(const struct wizard *w, enum slot slot, const char **word)
{
    const struct findings *all = &w->prepared.findings;
    enum severity worst = SEVERITY_NOTE;

    if (w->cards->card[slot].busy) {
        *word = "reading";
        return ROLE_DIM;
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->items[i];

        if (f->key != NULL && strcmp(f->key, slot_key(slot)) == 0 && f->severity > worst &&
            strcmp(f->code, "assumed-not-accepted") != 0)
            worst = f->severity;
    }
    if (worst == SEVERITY_ERROR) {
        *word = "cannot be sent";
        return ROLE_BAD;
    }
    if (w->prepared.job.credentials[slot].credential == NULL) {
        *word = "not loaded";
        return ROLE_DIM;
    }
    *word = worst == SEVERITY_WARNING ? "fit, with a warning" : "fit";
    return worst == SEVERITY_WARNING ? ROLE_WARN : ROLE_GOOD;
}

/* A finding says the same, and what to do. */
static bool is_found(const struct wizard *w, const char *text)
{
    const struct findings *all = &w->prepared.findings;

    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].what, text) == 0)
            return true;
    }
    return false;
}

/* Whether the three agree with one another: in the card that one looks at. */
static void add_agreements(const struct wizard *w, struct lines *out)
{
    static const enum role roles[] = {
        [AGREES] = ROLE_GOOD, [DISAGREES] = ROLE_BAD, [CANNOT_TELL] = ROLE_DIM};
    const struct agreements *all = &w->agreements;

    for (size_t i = 0; i < all->count; i++) {
        if (!is_found(w, all->items[i].text))
            lines_add(out, roles[all->items[i].state], 0, "%s %s", mark(roles[all->items[i].state]),
                      all->items[i].text);
    }
}

/* --- the form --------------------------------------------------------------------------------- */

static const char *const titles[SLOT_COUNT] = {
    [SLOT_SERVER_CA] = "Server CA: by which the device knows the broker",
    [SLOT_DEVICE_CERT] = "Device certificate: by which the broker knows the device",
    [SLOT_DEVICE_KEY] = "Private key of the device certificate",
};

static void build_card(struct wizard *w, struct form *f, enum slot slot, bool open)
{
    static char remarks[SLOT_COUNT][48];
    struct card *card = &w->cards->card[slot];
    struct item *heading = form_add(f, ITEM_HEADING, 0, titles[slot]);
    struct item *path, *buttons;
    const char *word;

    heading->remark_role = role_of_card(w, slot, &word);
    snprintf(remarks[slot], sizeof remarks[slot], "%s %s", mark(heading->remark_role), word);
    heading->remark = remarks[slot];
    path = form_text(f, id_of(slot, OF_PATH), "File", &card->path);
    path->wide = true;
    if (card->unfiled)
        path->remark = "held in memory, in no file";
    if (f->focus == id_of(slot, OF_PATH))
        path->ghost = completion_ghost(w->cards->completion, edit_text(&card->path));
    if (open)
        add_agreements(w, &path->lines);
    add_content(w, slot, open, &path->lines);
    if (cards_is_locked(w, slot))
        lines_add(&path->lines, ROLE_STRONG, 0, "Enter asks for its passphrase.");
    lines_add_findings(&path->lines, 0, &w->prepared.findings, slot_key(slot),
                       "assumed-not-accepted");
    if (!open)
        return;
    buttons = form_add(f, ITEM_BUTTONS, 0, "");
    form_button(buttons, id_of(slot, OF_BROWSE), "Browse", false);
    form_button(buttons, id_of(slot, OF_PASTE), "Paste", false);
    if (cards_is_locked(w, slot))
        form_button(buttons, id_of(slot, OF_UNLOCK), "Passphrase", false);
    form_button(buttons, id_of(slot, OF_CLEAR), "Clear", card->path.len == 0 && !card->unfiled);
}

static void build(struct wizard *w, struct form *f)
{
    int open = slot_of(f->focus);
    struct item *folder = form_add(f, ITEM_BUTTONS, 0, NULL), *make;

    form_button(folder, ID_FOLDER, "Take a whole folder, and propose which file is which", false);
    make = form_add(f, ITEM_BUTTONS, 0, NULL);
    form_button(make, ID_MAKE, "Make a key and certificate...", false);
    if (w->maker->made.id != NULL)
        form_button(make, ID_MADE, "What was made", false);
    form_button(make, ID_ENROLL, "Register...", false);
    for (enum slot s = 0; s < SLOT_COUNT; s++)
        build_card(w, f, s, open == (int)s);
}

/* --- choosing --------------------------------------------------------------------------------- */

static void on_browsed(void *ctx, const char *path, enum browser_pick what)
{
    struct card *card = ctx;

    if (what == PICK_FOLDER) {
        proposal_open(card->w, path);
        return;
    }
    cards_look_in(card->w, path);
    cards_name(card->w, card->slot, path, true);
}

static void on_pasted(void *ctx, struct secret *text)
{
    struct card *card = ctx;

    cards_paste(card->w, card->slot, text);
}

static void browse(struct wizard *w, enum slot slot)
{
    static const char *const browse_titles[SLOT_COUNT] = {
        [SLOT_SERVER_CA] = "A file for the server CA",
        [SLOT_DEVICE_CERT] = "A file for the device certificate",
        [SLOT_DEVICE_KEY] = "A file for the private key",
    };
    struct browser_spec spec = {
        .title = browse_titles[slot],
        .slot = (int)slot,
        .folders = true,
        .start = w->cards->folder,
        .done = on_browsed,
        .ctx = &w->cards->card[slot],
    };

    browser_open(w->app, &spec);
}

/* Whoever picks one of the files means the folder that it lies in. */
static void on_folder(void *ctx, const char *path, enum browser_pick what)
{
    const char *slash = strrchr(path, '/');
    char *folder = what == PICK_FILE && slash != NULL && slash > path
                       ? strndup(path, (size_t)(slash - path))
                       : str_copy(path);

    if (folder != NULL)
        proposal_open(ctx, folder);
    free(folder);
}

static void browse_folder(struct wizard *w)
{
    struct browser_spec spec = {
        .title = "A folder with the files of one device: F6 takes it",
        .slot = -1,
        .folders = true,
        .start = w->cards->folder,
        .done = on_folder,
        .ctx = w,
    };

    browser_open(w->app, &spec);
}

static void press(struct wizard *w, enum slot slot, int what)
{
    struct card *card = &w->cards->card[slot];

    switch (what) {
    case OF_PATH:
        if (cards_is_locked(w, slot))
            cards_ask_passphrase(w, slot);
        else if (card->path.len == 0 && !card->unfiled)
            browse(w, slot);
        else if (!card->unfiled)
            cards_read(w, slot, true);
        break;
    case OF_BROWSE:
        browse(w, slot);
        break;
    case OF_PASTE:
        paste_box_open(w->app, slot_title(slot), on_pasted, card);
        break;
    case OF_UNLOCK:
        cards_ask_passphrase(w, slot);
        break;
    default:
        cards_name(w, slot, "", false);
        form_focus(&w->forms[STEP_CERTIFICATES], id_of(slot, OF_PATH));
        break;
    }
}

static void retyped(struct wizard *w, enum slot slot)
{
    struct card *card = &w->cards->card[slot];

    cards_name(w, slot, edit_text(&card->path), false);
}

static void complete(struct wizard *w, enum slot slot)
{
    struct card *card = &w->cards->card[slot];
    const char *ghost = completion_ghost(w->cards->completion, edit_text(&card->path));

    if (edit_insert(&card->path, ghost, strlen(ghost)) == EDIT_CHANGED)
        retyped(w, slot);
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    int slot = slot_of(id);

    if (id == ID_FOLDER && event == FORM_PRESSED)
        browse_folder(w);
    else if (id == ID_MAKE && event == FORM_PRESSED)
        maker_open(w);
    else if (id == ID_MADE && event == FORM_PRESSED)
        made_open(w);
    else if (id == ID_ENROLL && event == FORM_PRESSED)
        enroll_open(w);
    if (slot < 0)
        return;
    if (event == FORM_PRESSED)
        press(w, (enum slot)slot, id % 100);
    else if (event == FORM_COMPLETED)
        complete(w, (enum slot)slot);
    else if (event == FORM_CHANGED)
        retyped(w, (enum slot)slot);
}

static void act(struct wizard *w, int action)
{
    int slot = slot_of(w->forms[STEP_CERTIFICATES].focus);

    if (action == CERT_FOLDER)
        browse_folder(w);
    else if (action == CERT_MAKE)
        maker_open(w);
    else if (slot < 0)
        app_say(w->app, ROLE_WARN, "Move to one of the three cards first.");
    else
        press(w, (enum slot)slot, action == CERT_BROWSE ? OF_BROWSE : OF_PASTE);
}

static bool looks_like_pem(const struct secret *text)
{
    return memmem(text->data, text->len, "-----BEGIN", 10) != NULL ||
           memchr(text->data, '\n', text->len > 0 ? text->len - 1 : 0) != NULL;
}

/* PEM text that is pasted on a card is the card's; anything else is a path. */
static bool paste(struct wizard *w, const struct secret *text)
{
    int slot = slot_of(w->forms[STEP_CERTIFICATES].focus);
    struct secret copy = {0};

    if (slot < 0 || !looks_like_pem(text))
        return false;
    if (secret_set(&copy, text->data, text->len, NULL) != 0)
        app_say(w->app, ROLE_BAD, "That is more than a certificate file ever is.");
    else
        cards_paste(w, (enum slot)slot, &copy);
    return true;
}

static void enter(struct wizard *w)
{
    struct form *f = &w->forms[STEP_CERTIFICATES];

    if (f->focus == 0)
        form_focus(f, id_of(SLOT_SERVER_CA, OF_PATH));
}

static const struct keyrow *keys(const struct wizard *w)
{
    (void)w;
    return certificate_keys;
}

const struct step_class step_certificates = {
    .title = "Certificates",
    .about = "The three files that the device needs for TLS. Each may be typed (Tab completes), "
             "picked, or pasted as PEM text; DER and PKCS#12 are understood too. Key and "
             "certificate can be made here. What is wrong with one, or with two together, is said "
             "at once. What is sent is encoded anew, never the "
             "file's own bytes.",
    .keys = keys,
    .build = build,
    .on_form = on_form,
    .enter = enter,
    .act = act,
    .paste = paste,
};
