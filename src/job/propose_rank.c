/* SPDX-License-Identifier: MIT */
#include "job/propose_part.h"

#include <string.h>

static int compare(const struct candidate *a, const struct candidate *b)
{
    for (int i = 0; i < RANKS; i++) {
        if (a->rank[i] != b->rank[i])
            return a->rank[i] > b->rank[i] ? 1 : -1;
    }
    return 0;
}

static bool same_cert(const struct candidate *a, const struct candidate *b)
{
    return strcmp(a->sha256, b->sha256) == 0;
}

const struct candidate *propose_best(const struct candidate *list, size_t count)
{
    const struct candidate *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct candidate *k = &list[i];
        int order = best != NULL ? compare(k, best) : 1;

        if (order > 0 || (order == 0 && same_cert(k, best) && k->notes < best->notes))
            best = k;
    }
    return best;
}

/* As good as the best, another certificate, and the first file that holds it. */
static bool is_other(const struct candidate *list, size_t i, const struct candidate *best)
{
    if (compare(&list[i], best) != 0 || same_cert(&list[i], best))
        return false;
    for (size_t j = 0; j < i; j++) {
        if (same_cert(&list[i], &list[j]) && compare(&list[i], &list[j]) == 0)
            return false;
    }
    return true;
}

void propose_add_others(struct buf *why, const struct folder *folder, const struct candidate *list,
                        size_t count, const struct candidate *best)
{
    size_t first = 0, n = 0;

    for (size_t i = count; i-- > 0;) {
        if (is_other(list, i, best)) {
            first = list[i].file;
            n++;
        }
    }
    if (n == 1)
        buf_printf(why, "; %s would do as well", folder_name(folder, first).s);
    else if (n > 1)
        buf_printf(why, "; %zu others would do as well, such as %s", n,
                   folder_name(folder, first).s);
}
