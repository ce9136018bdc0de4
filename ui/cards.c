/* SPDX-License-Identifier: MIT */
#include "ui/cards.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "ui/dialog.h"
#include "ui/worker.h"

/* One reading of one card's file, by a worker. */
struct reading {
    struct wizard *w;
    enum slot slot;
    unsigned number;
    char *path; /* NULL: pasted */
    struct secret pasted, passphrase;
    struct credential *credential;
    const struct known_root *resembles;
    struct findings findings;
};

static struct card *card_of(const struct wizard *w, enum slot slot)
{
    return &w->cards->card[slot];
}

bool cards_create(struct wizard *w)
{
    w->cards = calloc(1, sizeof *w->cards);
    if (w->cards == NULL)
        return false;
    w->cards->completion = completion_create(w->app);
    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        struct job_credential *jc = &w->prepared.job.credentials[s];

        card_of(w, s)->w = w;
        card_of(w, s)->slot = s;
        /* One that is there already is built in: its name is no file's. */
        if (jc->credential != NULL) {
            card_of(w, s)->unfiled = true;
            wizard_set(&jc->path, NULL);
        } else if (jc->path != NULL) {
            edit_set(&card_of(w, s)->path, jc->path);
            cards_read(w, s, true);
        }
    }
    return true;
}

void cards_destroy(struct wizard *w)
{
    if (w->cards == NULL)
        return;
    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        struct card *card = card_of(w, s);

        edit_reset(&card->path);
        secret_reset(&card->pasted);
        secret_reset(&card->passphrase);
        findings_reset(&card->findings);
    }
    completion_destroy(w->cards->completion);
    free(w->cards->folder);
    free(w->cards);
    w->cards = NULL;
}

void cards_add_findings(struct wizard *w, struct findings *out)
{
    for (enum slot s = 0; s < SLOT_COUNT && w->cards != NULL; s++)
        findings_copy(out, &card_of(w, s)->findings);
}

const char *cards_unfit(struct wizard *w)
{
    const struct finding *empty = findings_get(&w->prepared.findings, "plan-empty");

    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        if (card_of(w, s)->busy)
            return "a file is still being read";
    }
    return empty != NULL ? "there is nothing to load yet: name at least one file" : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int offer(void *ctx, const char *file, int attempt, struct secret *out, struct err *err)
{
    const struct secret *passphrase = ctx;

    (void)file;
    if (attempt > 0 || passphrase->data == NULL)
        return err_set(err, ERR_MISSING, "there is no further passphrase");
    return secret_set(out, passphrase->data, passphrase->len, err);
}

static void read_file(void *task)
{
    struct reading *r = task;
    struct place where = {.key = slot_key(r->slot)};
    struct passphrase_source source = {.ask = r->passphrase.data != NULL ? offer : NULL,
                                       .ctx = &r->passphrase};

    int rc;

    if (r->path != NULL)
        rc = credential_read_resembling(r->path, where, &source, &r->credential, &r->resembles,
                                        &r->findings);
    else
        rc = credential_decode("pasted text", r->pasted.data, r->pasted.len, where, &source,
                               &r->credential, &r->findings);
    (void)rc; /* what is wrong is a finding */
}

static void reading_free(struct reading *r)
{
    free(r->path);
    secret_reset(&r->pasted);
    secret_reset(&r->passphrase);
    credential_destroy(r->credential);
    findings_reset(&r->findings);
    free(r);
}

/* True for two cards that name the same file. */
static bool is_same_file(const struct card *a, const struct card *b)
{
    return a->path.len > 0 && strcmp(edit_text(&a->path), edit_text(&b->path)) == 0;
}

/* The passphrase of this card's file is being asked for, perhaps for another card. */
static bool is_asked_for(const struct wizard *w, enum slot slot)
{
    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        if (card_of(w, s)->asking && is_same_file(card_of(w, s), card_of(w, slot)))
            return true;
    }
    return false;
}

/* A PKCS#12 file serves two slots: what opened it for one opens it for the other. */
static void share_passphrase(struct wizard *w, enum slot slot)
{
    const struct card *from = card_of(w, slot);

    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        struct card *card = card_of(w, s);

        if (s == slot || !cards_is_locked(w, s) || card->busy || !is_same_file(from, card))
            continue;
        if (secret_set(&card->passphrase, from->passphrase.data, from->passphrase.len, NULL) == 0)
            cards_read(w, s, false);
    }
}

static void file_read_done(void *task)
{
    struct reading *r = task;
    struct wizard *w = r->w;
    struct card *card = card_of(w, r->slot);
    struct job_credential *jc = &w->prepared.job.credentials[r->slot];

    if (r->number != card->reading) { /* another one was chosen meanwhile */
        reading_free(r);
        return;
    }
    card->busy = false;
    credential_destroy(jc->credential);
    jc->credential = r->credential;
    jc->resembles = r->resembles;
    r->credential = NULL;
    findings_reset(&card->findings);
    findings_take(&card->findings, &r->findings);
    w->checked = false;
    if (jc->credential != NULL && card->passphrase.data != NULL)
        share_passphrase(w, r->slot);
    if (cards_is_locked(w, r->slot) && card->ask && !is_asked_for(w, r->slot))
        cards_ask_passphrase(w, r->slot);
    card->ask = false;
    reading_free(r);
}

/* What the job says about the slot until the file has been read. */
static void forget(struct wizard *w, enum slot slot)
{
    struct job_credential *jc = &w->prepared.job.credentials[slot];
    struct card *card = card_of(w, slot);

    credential_destroy(jc->credential);
    jc->credential = NULL;
    jc->resembles = NULL;
    jc->line = 0;
    findings_reset(&card->findings);
    card->reading++;
    card->busy = false;
}

/* An empty one stays one without data. */
static bool copy_secret(struct secret *to, const struct secret *from)
{
    return from->len == 0 || secret_append(to, from->data, from->len, NULL) == 0;
}

void cards_read(struct wizard *w, enum slot slot, bool ask)
{
    struct card *card = card_of(w, slot);
    const char *path = edit_text(&card->path);
    struct job_credential *jc = &w->prepared.job.credentials[slot];
    struct reading *r;

    forget(w, slot);
    w->checked = false;
    free(jc->path);
    jc->path = path[0] != '\0' ? file_resolve(NULL, path) : NULL;
    if (jc->path == NULL && card->pasted.len == 0)
        return;
    r = calloc(1, sizeof *r);
    if (r == NULL || (jc->path != NULL && (r->path = str_copy(jc->path)) == NULL) ||
        !copy_secret(&r->pasted, &card->pasted) ||
        !copy_secret(&r->passphrase, &card->passphrase)) {
        if (r != NULL)
            reading_free(r);
        app_say(w->app, ROLE_BAD, "Out of memory: the file was not read.");
        return;
    }
    r->w = w;
    r->slot = slot;
    r->number = card->reading;
    card->busy = true;
    card->ask = ask;
    worker_run(read_file, file_read_done, r);
}

void cards_name(struct wizard *w, enum slot slot, const char *path, bool ask)
{
    struct card *card = card_of(w, slot);

    edit_set(&card->path, path);
    secret_reset(&card->pasted);
    secret_reset(&card->passphrase);
    card->unfiled = false;
    cards_read(w, slot, ask);
    wizard_changed(w);
}

void cards_paste(struct wizard *w, enum slot slot, struct secret *text)
{
    struct card *card = card_of(w, slot);

    edit_set(&card->path, NULL);
    secret_reset(&card->passphrase);
    secret_move(&card->pasted, text);
    card->unfiled = true;
    cards_read(w, slot, true);
    wizard_changed(w);
}

void cards_file(struct wizard *w, enum slot slot, const char *path)
{
    struct card *card = card_of(w, slot);

    edit_set(&card->path, path);
    secret_reset(&card->pasted);
    card->unfiled = false;
    cards_read(w, slot, false); /* with the passphrase that is known */
}

void cards_look_in(struct wizard *w, const char *path)
{
    const char *slash = strrchr(path, '/');

    free(w->cards->folder);
    w->cards->folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : NULL;
}

/* --- passphrases ------------------------------------------------------------------------------ */

bool cards_is_locked(const struct wizard *w, enum slot slot)
{
    const struct findings *said = &card_of(w, slot)->findings;

    return findings_get(said, "key-encrypted") != NULL ||
           findings_get(said, "passphrase-wrong") != NULL;
}

static void on_passphrase(void *ctx, int button, const char *text, struct secret *secret)
{
    struct card *card = ctx;

    (void)text;
    card->asking = false;
    if (button != 0 || secret->len == 0)
        return;
    secret_move(&card->passphrase, secret);
    cards_read(card->w, card->slot, true);
}

void cards_ask_passphrase(struct wizard *w, enum slot slot)
{
    static const char *const buttons[] = {"Unlock", "Later", NULL};
    struct card *card = card_of(w, slot);
    struct dialog spec = {
        .title = "Passphrase",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_MASKED,
        .label = "Passphrase",
        .done = on_passphrase,
        .ctx = card,
    };
    struct lines text = {0};
    const char *path = edit_text(&card->path);

    if (findings_get(&card->findings, "passphrase-wrong") != NULL)
        lines_add(&text, ROLE_BAD, 0, "That was not it.");
    lines_add(&text, ROLE_TEXT, 0, "%s is encrypted. The key is decrypted in memory only.",
              path[0] != '\0' ? path : "The pasted text");
    lines_add(&text, ROLE_TEXT, 0, " ");
    card->asking = dialog_open(w->app, &spec, &text) != NULL;
}
