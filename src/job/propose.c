/* SPDX-License-Identifier: MIT */
#include "job/propose.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "job/propose_part.h"

void propose_add_worst(struct buf *why, const struct findings *findings, const char *but)
{
    const struct finding *worst = NULL;

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];

        if (f->severity >= SEVERITY_WARNING && (but == NULL || strcmp(f->code, but) != 0) &&
            (worst == NULL || f->severity > worst->severity))
            worst = f;
    }
    if (worst != NULL)
        buf_printf(why, "; but %s", worst->what);
}

/* Moves what was chosen. */
static bool fill(struct proposal *out, enum slot slot, const struct folder *folder,
                 struct choice *choice)
{
    if (choice->file != NO_FILE)
        out->path[slot] = str_copy(folder->files[choice->file].path);
    out->why[slot] = buf_take(&choice->why);
    return out->why[slot] != NULL && (choice->file == NO_FILE || out->path[slot] != NULL);
}

static bool choose(const struct folder *folder, const struct job *job, time_t now,
                   struct proposal *out)
{
    struct choice root = {.file = NO_FILE}, cert = root, key = root;
    struct check c = check_begin(job, now, NULL);
    bool ok;

    propose_device(folder, &c, &cert, &key);
    if (cert.file != NO_FILE) {
        c.cert = folder->files[cert.file].credential;
        c.leaf = credential_leaf(c.cert);
    }
    propose_root(folder, &c, &root);
    ok = fill(out, SLOT_SERVER_CA, folder, &root);
    ok &= fill(out, SLOT_DEVICE_CERT, folder, &cert);
    ok &= fill(out, SLOT_DEVICE_KEY, folder, &key);
    return ok;
}

int propose_folder(const char *folder, const struct job *job, time_t now, struct proposal *out,
                   struct err *err)
{
    struct job bare = *job; /* shares the strings; what its slots hold now is no matter */
    struct folder files = {0};
    int rc = folder_read(folder, &files, err);

    *out = (struct proposal){.examined = files.count, .skipped = files.skipped};
    memset(bare.credentials, 0, sizeof bare.credentials);
    if (rc == 0 && !choose(&files, &bare, now, out))
        rc = err_set(err, ERR_NOMEM, "out of memory");
    folder_reset(&files);
    if (rc != 0)
        proposal_reset(out);
    return rc;
}

void proposal_reset(struct proposal *p)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        free(p->path[i]);
        free(p->why[i]);
    }
    *p = (struct proposal){0};
}
