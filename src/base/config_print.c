/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_tree.h"
#include "base/str.h"

static int out_of_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool same_scalar(const config_setting_t *a, const config_setting_t *b)
{
    if (config_tree_is_int(a) && config_tree_is_int(b))
        return config_setting_get_int64(a) == config_setting_get_int64(b);
    if (config_setting_type(a) != config_setting_type(b))
        return false;
    switch (config_setting_type(a)) {
    case CONFIG_TYPE_BOOL:
        return config_setting_get_bool(a) == config_setting_get_bool(b);
    case CONFIG_TYPE_STRING:
        return same_text(config_setting_get_string(a), config_setting_get_string(b));
    case CONFIG_TYPE_FLOAT: {
        double x = config_setting_get_float(a), y = config_setting_get_float(b);

        return memcmp(&x, &y, sizeof x) == 0;
    }
    default:
        return false;
    }
}

/* The first setting of a that is not the same in b; NULL if they are alike. */
static const config_setting_t *difference(const config_setting_t *a, const config_setting_t *b)
{
    int n = config_setting_length(a);

    if (!same_text(config_setting_name(a), config_setting_name(b)))
        return a;
    if (!config_setting_is_aggregate(a))
        return same_scalar(a, b) ? NULL : a;
    if (config_setting_type(a) != config_setting_type(b) || config_setting_length(b) != n)
        return a;
    for (int i = 0; i < n; i++) {
        const config_setting_t *found = difference(config_setting_get_elem(a, (unsigned)i),
                                                   config_setting_get_elem(b, (unsigned)i));

        if (found != NULL)
            return found;
    }
    return NULL;
}

/* libconfig escapes quotes, backslashes and what is below a blank. What else could harm a terminal,
 * or be changed by an editor, stands in texts only and is spelled out here. */
static void add_escaped(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t len = text[i] == '\n' ? 1 : str_plain_char(text + i, n - i);

        if (len > 0)
            buf_add(out, text + i, len);
        else
            buf_printf(out, "\\x%02X", (unsigned char)text[i]);
        i += len > 0 ? len : 1;
    }
}

static int print_tree(const struct config *c, struct buf *text, struct err *err)
{
    char *raw = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&raw, &n);
    bool ok = f != NULL;

    if (ok) {
        config_write(&c->tree, f);
        ok = ferror(f) == 0;
        ok &= fclose(f) == 0;
    }
    if (ok) {
        buf_add_str(text, "");
        add_escaped(text, raw, n);
    }
    free(raw);
    return ok && !text->failed ? 0 : out_of_memory(err);
}

/* The key of a setting, or of the list that it stands in. */
static const char *name_of(const config_setting_t *s)
{
    while (s != NULL && config_setting_name(s) == NULL)
        s = config_setting_parent(s);
    return s != NULL ? config_setting_name(s) : "";
}

/* Whatever libconfig's writer and reader, and config_scan between them, do not agree on. */
static int verify(const struct config *c, const struct buf *text, struct err *err)
{
    struct findings findings = {0};
    const config_setting_t *wrong;
    struct config *back;
    int rc = config_parse(c->name, text->data, text->len, &back, &findings);

    if (rc != 0)
        rc = findings.lost
                 ? out_of_memory(err)
                 : err_set(err, ERR_VALUE, "what would be written cannot be read back: %s",
                           findings.items[0].what);
    else if ((wrong = difference(config_root_setting(&c->tree),
                                 config_root_setting(&back->tree))) != NULL)
        rc = err_set(err, ERR_VALUE, "`%s` cannot be written so that it is read back the same",
                     name_of(wrong));
    config_free(back);
    findings_reset(&findings);
    return rc;
}

int config_print(const struct config *c, struct buf *out, struct err *err)
{
    struct buf text = {0};
    int rc = print_tree(c, &text, err);

    if (rc == 0)
        rc = verify(c, &text, err);
    if (rc == 0)
        buf_add(out, text.data, text.len);
    if (rc == 0 && out->failed)
        rc = out_of_memory(err);
    buf_reset(&text);
    return rc;
}
