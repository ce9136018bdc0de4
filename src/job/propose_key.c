/* SPDX-License-Identifier: MIT */
#include "job/propose_part.h"

#include <string.h>

/* Of a file's name without its last extension. */
static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
}

bool propose_is_stem(const char *text, const char *name)
{
    size_t n = stem_length(name);

    return strlen(text) == n && memcmp(text, name, n) == 0;
}

static bool same_stem(const char *a, const char *b)
{
    size_t n = stem_length(a);

    return n == stem_length(b) && memcmp(a, b, n) == 0;
}

/* Better the certificate's own file, then one of its name, then one that holds nothing else. */
static int closeness(const struct folder *folder, size_t cert, size_t key)
{
    const struct folder_file *files = folder->files;

    if (cert == key)
        return 5;
    return 1 + 2 * same_stem(files[cert].name, files[key].name) +
           (credential_cert_count(files[key].credential) == 0);
}

int propose_key(const struct folder *folder, size_t cert)
{
    const struct credential *c = folder->files[cert].credential;
    int best = NO_FILE, best_closeness = 0;

    for (size_t i = 0; i < folder->count; i++) {
        const struct credential *key = folder->files[i].credential;

        if (key == NULL || !credential_key_matches(key, c, credential_leaf(c)))
            continue;
        if (closeness(folder, cert, i) > best_closeness) {
            best_closeness = closeness(folder, cert, i);
            best = (int)i;
        }
    }
    return best;
}

int propose_locked_key(const struct folder *folder, size_t cert)
{
    const struct folder_file *files = folder->files;
    int best = NO_FILE;

    for (size_t i = 0; i < folder->count; i++) {
        if (files[i].locked && same_stem(files[i].name, files[cert].name) &&
            (best == NO_FILE || (files[best].pkcs12 && !files[i].pkcs12)))
            best = (int)i;
    }
    return best;
}
