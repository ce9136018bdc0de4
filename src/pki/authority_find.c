/* SPDX-License-Identifier: MIT */
#include "pki/authority.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

static const char *const endings[] = {".crt", ".pem", ".cer", ".der", NULL};

/* CAs that were found; each certificate once, whatever its files are called. */
struct found {
    const char *folder;
    struct {
        char *file;
        char sha256[65];
    } ca[8];
    size_t count; /* may be more than have room */
};

enum { FOUND_MAX = sizeof((struct found *)0)->ca / sizeof((struct found *)0)->ca[0] };

char *authority_beside(const char *path, const char *ending)
{
    struct buf out = {0};
    size_t n = strlen(path);

    for (size_t i = 0; endings[i] != NULL; i++) {
        if (str_ends(path, endings[i])) {
            n -= strlen(endings[i]);
            break;
        }
    }
    buf_add(&out, path, n);
    buf_add_str(&out, ending);
    return buf_take(&out);
}

bool authority_is_ca(const struct credential *c, size_t i)
{
    const struct cert_info *cert = credential_cert(c, i);

    return cert != NULL && cert->is_ca;
}

static void note(struct found *f, const char *file, const char *sha256)
{
    for (size_t i = 0; i < f->count && i < FOUND_MAX; i++) {
        if (strcmp(f->ca[i].sha256, sha256) == 0)
            return;
    }
    if (f->count < FOUND_MAX) {
        f->ca[f->count].file = str_copy(file);
        memcpy(f->ca[f->count].sha256, sha256, sizeof f->ca[0].sha256);
    }
    f->count++;
}

/* Notes the file if it holds a CA's certificate. */
static void look_at(struct found *f, const char *file)
{
    struct findings unused = {0};
    struct credential *c = NULL;
    struct place where = {.file = file};

    if (credential_read(file, where, NULL, &c, &unused) == 0 &&
        authority_is_ca(c, credential_leaf(c)))
        note(f, file, credential_cert(c, credential_leaf(c))->sha256);
    credential_destroy(c);
    findings_reset(&unused);
}

/* The certificate of the CA that this index belongs to. */
static void look_beside(struct found *f, const char *index)
{
    size_t n = strlen(index) - strlen(".issued");

    for (size_t i = 0; endings[i] != NULL; i++) {
        struct buf name = {0};

        buf_printf(&name, "%.*s%s", (int)n, index, endings[i]);
        if (name.data != NULL && file_is_there(name.data))
            look_at(f, name.data);
        buf_reset(&name);
    }
}

static bool is_certificate_with_key(const char *path)
{
    char *key;
    bool is = false;

    for (size_t i = 0; endings[i] != NULL && !is; i++)
        is = str_ends(path, endings[i]);
    if (!is)
        return false;
    key = authority_beside(path, ".key");
    is = key != NULL && file_is_there(key);
    free(key);
    return is;
}

static int walk(struct found *f, bool indexes, struct err *err)
{
    DIR *dir = opendir(f->folder);
    struct dirent *entry;

    if (dir == NULL)
        return err_set_errno(err, errno, "cannot read the folder %s", f->folder);
    while ((entry = readdir(dir)) != NULL) {
        struct buf path = {0};

        buf_printf(&path, "%s%s%s", f->folder, str_ends(f->folder, "/") ? "" : "/", entry->d_name);
        if (path.data == NULL || entry->d_name[0] == '.')
            ; /* hidden files are nobody's CA */
        else if (indexes && str_ends(entry->d_name, ".issued"))
            look_beside(f, path.data);
        else if (!indexes && is_certificate_with_key(path.data))
            look_at(f, path.data);
        buf_reset(&path);
    }
    closedir(dir);
    return 0;
}

static int say_several(const struct found *f, struct err *err)
{
    struct buf names = {0};

    for (size_t i = 0; i < f->count && i < FOUND_MAX; i++) {
        const char *file = f->ca[i].file != NULL ? f->ca[i].file : "?";
        const char *slash = strrchr(file, '/');

        buf_printf(&names, "%s%s", i > 0 ? ", " : "", slash != NULL ? slash + 1 : file);
    }
    err_set(err, ERR_VALUE, "there are %zu CAs in %s: %s%s", f->count, f->folder,
            names.data != NULL ? names.data : "", f->count > FOUND_MAX ? ", ..." : "");
    err_remedy(err, "name the certificate of the one that you mean, e.g. --ca %s",
               f->ca[0].file != NULL ? f->ca[0].file : "FILE");
    buf_reset(&names);
    return ERR_VALUE;
}

int authority_find(const char *folder, char **cert_file, struct err *err)
{
    struct found f = {.folder = folder};
    int rc;

    *cert_file = NULL;
    /* Most files in a folder of thousands are devices'; the index tells the CA without opening
     * them. */
    rc = walk(&f, true, err);
    if (rc == 0 && f.count == 0)
        rc = walk(&f, false, err);
    if (rc == 0 && f.count == 0) {
        rc = err_set(err, ERR_MISSING,
                     "there is no CA in %s: no CA certificate with its key beside it (NAME.crt and "
                     "NAME.key)",
                     folder);
        err_remedy(err, "make one with `comcert new ca --name NAME`, or name its certificate: "
                        "--ca FILE");
    } else if (rc == 0 && f.count > 1) {
        rc = say_several(&f, err);
    } else if (rc == 0) {
        *cert_file = f.ca[0].file;
        f.ca[0].file = NULL;
        if (*cert_file == NULL)
            rc = err_set(err, ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < FOUND_MAX; i++)
        free(f.ca[i].file);
    return rc;
}
