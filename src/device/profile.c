/* SPDX-License-Identifier: MIT */
#include "device/profile.h"

#include <stdlib.h>
#include <string.h>

void texts_free(texts list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

static void steps_free(struct profile_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(steps[i].send);
        free(steps[i].expect);
    }
    free(steps);
}

void profile_destroy(struct profile *p)
{
    if (p == NULL)
        return;
    char *strings[] = {
        p->id,
        p->title,
        p->maker,
        p->source,
        p->file,
        p->upload.prompt,
        p->upload.terminator,
        p->upload.forbid,
        p->upload.report,
        p->manual.where,
        p->abort.send,
        p->sync.command,
        p->sync.ok,
        p->sync.fail,
    };
    texts lists[] = {p->answers.boot, p->answers.ok,  p->answers.fail,
                     p->upload.ok,    p->upload.fail, p->abort.answers};

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        free(strings[i]);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        texts_free(lists[i]);
    for (int i = 0; i < SLOT_COUNT; i++)
        free(p->slot_command[i]);
    for (int i = 0; i < SETTING_COUNT; i++) {
        free(p->setting_command[i]);
        free(p->manual.field[i]);
    }
    steps_free(p->prepare, p->prepare_count);
    steps_free(p->finish, p->finish_count);
    for (size_t i = 0; i < p->proof_count; i++) {
        free(p->proofs[i].key);
        free(p->proofs[i].source);
    }
    free(p->proofs);
    free(p);
}

/* "" covers everything; "upload" covers "upload" and "upload.ok", not "uploads". */
static bool covers(const char *proof, const char *key)
{
    size_t n = strlen(proof);

    return n == 0 || (strncmp(proof, key, n) == 0 && (key[n] == '\0' || key[n] == '.'));
}

enum provenance profile_provenance(const struct profile *p, const char *key, const char **source)
{
    const struct proof *best = NULL;

    for (size_t i = 0; i < p->proof_count; i++) {
        const struct proof *proof = &p->proofs[i];

        if (covers(proof->key, key) && (best == NULL || strlen(proof->key) > strlen(best->key)))
            best = proof;
    }
    if (source != NULL)
        *source = best != NULL && best->source != NULL ? best->source : "no source";
    return best != NULL ? best->provenance : ASSUMED;
}

const char *provenance_name(enum provenance provenance)
{
    static const char *const names[] = {
        [ASSUMED] = "assumed",
        [SEEN] = "seen",
        [DOCUMENTED] = "documented",
    };

    return names[provenance];
}

const char *eol_bytes(enum eol eol)
{
    static const char *const bytes[] = {
        [EOL_NONE] = "",
        [EOL_CR] = "\r",
        [EOL_LF] = "\n",
        [EOL_CRLF] = "\r\n",
    };

    return bytes[eol];
}
