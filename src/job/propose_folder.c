/* SPDX-License-Identifier: MIT */
#include "job/propose_part.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 500, MAX_SIZE = 1024 * 1024 };

/* Not by the locale: the same folder must give the same proposal everywhere. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* False if it holds nothing usable. cert-resembles-root comes with a credential that must not be
 * used. */
static void judge(struct folder_file *file, const struct findings *findings)
{
    file->locked = findings_get(findings, "key-encrypted") != NULL ||
                   findings_get(findings, "kdf-cost") != NULL;
    file->pkcs12 = findings_get(findings, "pkcs12-input") != NULL;
    file->oddities = findings_count(findings, SEVERITY_WARNING) -
                     (findings_get(findings, "key-readable") != NULL);
    if (file->credential != NULL && findings_worst(findings) == SEVERITY_ERROR) {
        credential_destroy(file->credential);
        file->credential = NULL;
    }
    if (file->credential != NULL)
        credential_forget_key(file->credential);
}

/* Takes path. */
static int take_file(struct folder *folder, char *path)
{
    const struct passphrase_source nobody = {0};
    struct folder_file *file = &folder->files[folder->count];
    struct findings findings = {0};
    int rc;

    *file = (struct folder_file){.path = path, .name = strrchr(path, '/') + 1};
    rc = credential_read(path, (struct place){0}, &nobody, &file->credential, &findings);
    if (findings_get(&findings, "file-unreadable") != NULL ||
        findings_get(&findings, "file-missing") != NULL) {
        free(path);
        folder->skipped++;
        rc = 0;
    } else {
        judge(file, &findings);
        folder->count++;
        rc = findings.lost ? ERR_NOMEM : 0;
    }
    findings_reset(&findings);
    return rc;
}

static int look_at(struct folder *folder, const char *parent, const char *name)
{
    size_t n = strlen(parent);
    struct buf path = {0};
    struct stat st;
    char *full;

    buf_printf(&path, "%s%s%s", parent, n > 0 && parent[n - 1] == '/' ? "" : "/", name);
    full = buf_take(&path);
    if (full == NULL)
        return ERR_NOMEM;
    if (stat(full, &st) != 0 || !S_ISREG(st.st_mode)) {
        free(full);
        return 0;
    }
    if (folder->count < MAX_FILES && st.st_size <= MAX_SIZE)
        return take_file(folder, full);
    folder->skipped++;
    free(full);
    return 0;
}

int folder_read(const char *path, struct folder *out, struct err *err)
{
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, by_name), rc = 0;

    if (n < 0)
        return err_set_errno(err, errno, "cannot read the folder %s", path);
    out->files = calloc(MAX_FILES, sizeof *out->files);
    if (out->files == NULL)
        rc = ERR_NOMEM;
    for (int i = 0; i < n; i++) {
        if (rc == 0)
            rc = look_at(out, path, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

void folder_reset(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        free(folder->files[i].path);
        credential_destroy(folder->files[i].credential);
    }
    free(folder->files);
    *folder = (struct folder){0};
}

struct words folder_name(const struct folder *folder, size_t i)
{
    return words_of(folder->files[i].name);
}
