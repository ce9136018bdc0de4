/* SPDX-License-Identifier: MIT */
#include "pki/issue.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"

/* ub-common-name of RFC 5280, in characters. */
enum { COMMON_NAME_MAX = 64 };

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Azure's set. '#' and '+' were once in it and still are in some hubs. */
#define ID_CHARACTERS LETTERS_DIGITS "-.%_*?!(),:=@$'#+"

static int say_character(const char *id, const char *at, struct err *err)
{
    uint32_t code;
    size_t n = str_utf8(at, strlen(at), &code);
    struct buf shown = {0}, whole = {0};

    str_escape(&shown, at, n > 0 ? n : 1);
    str_escape(&whole, id, strlen(id));
    if (*at == ' ')
        err_set(err, ERR_VALUE, "the device ID `%s` holds a blank", whole.data);
    else
        err_set(err, ERR_VALUE,
                "the device ID `%s` holds the character `%s`, which device IDs "
                "cannot have",
                whole.data, shown.data);
    err_remedy(err, "letters, digits, and - . _ are safe everywhere; Azure also takes "
                    "%% * ? ! ( ) , : = @ $ '");
    buf_reset(&shown);
    buf_reset(&whole);
    return ERR_VALUE;
}

static int say_length(const char *what, size_t n, struct err *err)
{
    err_set(err, ERR_VALUE,
            "%s has %zu characters, but a certificate's common name holds no more than %d", what, n,
            COMMON_NAME_MAX);
    err_remedy(err, "choose a shorter one");
    return ERR_VALUE;
}

int issue_check_id(const char *id, struct err *err)
{
    size_t legal = strspn(id, ID_CHARACTERS);

    if (id[0] == '\0') {
        err_set(err, ERR_VALUE, "the device ID is empty");
        err_remedy(err, "give it the ID under which the device is registered");
        return ERR_VALUE;
    }
    if (id[legal] != '\0')
        return say_character(id, id + legal, err);
    if (strlen(id) > COMMON_NAME_MAX)
        return say_length("the device ID", strlen(id), err);
    return 0;
}

int issue_check_ca_name(const char *name, struct err *err)
{
    size_t left = strlen(name), count = 0;

    if (left == 0)
        return err_set(err, ERR_VALUE, "the name of a CA cannot be empty");
    if (name[0] == ' ' || name[left - 1] == ' ')
        return err_set(err, ERR_VALUE, "the name of a CA cannot begin or end with a blank");
    for (const char *p = name; left > 0; count++) {
        size_t n = str_plain_char(p, left);

        if (n == 0)
            return err_set(err, ERR_VALUE,
                           "the name of the CA holds a character that cannot be printed");
        p += n;
        left -= n;
    }
    return count > COMMON_NAME_MAX ? say_length("the name of the CA", count, err) : 0;
}

void issue_id_findings(const char *id, struct findings *findings)
{
    const char *special = id + strspn(id, LETTERS_DIGITS "-._");
    const char *why = ", which a serial command line or a shell may take for something else";

    if (strpbrk(id, "#+") != NULL) {
        special = strpbrk(id, "#+");
        why = ", which is a wildcard in MQTT topics: many clients cannot connect with it";
    } else if (strchr(id, '*') != NULL) {
        special = strchr(id, '*');
        why = ", which ends a file upload on some devices";
    }
    if (*special == '\0')
        return;
    findings_add(findings, SEVERITY_WARNING, "device-id-special", (struct place){0},
                 "If you can still choose: letters, digits, dots, hyphens and underscores only.",
                 "The device ID %s holds a %c%s.", id, *special, why);
}

/* CON, PRN, AUX, NUL, COM1 to COM9, LPT1 to LPT9: with any extension, Windows takes them for
 * devices. */
static bool is_kept_by_windows(const char *id)
{
    static const char *const names[] = {"con", "prn", "aux", "nul"};
    size_t n = strcspn(id, ".");

    for (size_t i = 0; n == 3 && i < sizeof names / sizeof names[0]; i++) {
        if (strncasecmp(id, names[i], 3) == 0)
            return true;
    }
    return n == 4 && (strncasecmp(id, "com", 3) == 0 || strncasecmp(id, "lpt", 3) == 0) &&
           id[3] >= '1' && id[3] <= '9';
}

char *issue_file_stem(const char *id)
{
    struct buf out = {0};

    for (const char *p = id; *p != '\0'; p++) {
        bool plain = strchr(LETTERS_DIGITS "-._", *p) != NULL;

        if (p == id)
            plain &= *p != '.' && *p != '-' && !is_kept_by_windows(id);
        if (plain)
            buf_add_char(&out, *p);
        else
            buf_printf(&out, "%%%02X", (unsigned)(unsigned char)*p);
    }
    if (id[0] == '\0')
        buf_add_str(&out, "");
    return buf_take(&out);
}
