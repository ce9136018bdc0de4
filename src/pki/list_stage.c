/* SPDX-License-Identifier: MIT */
#include "pki/list_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

#define FOLDER ".comcert-list"
#define NOTE   "in-flight."

/* Of a thumbprint, so many digits tell one CA from another. */
enum { NOTE_MAX = 1 << 20, CA_DIGITS = 16 };

char *list_stage_file(const struct list_run *run, size_t number, const char *ending)
{
    struct buf out = {0};

    buf_printf(&out, "%s/%zu%s", run->staging, number, ending);
    return buf_take(&out);
}

/* Each CA has a note of its own: what it has in flight stands in its index, and in no other's. */
static char *note_file(const struct list_run *run)
{
    struct buf out = {0};

    buf_printf(&out, "%s/" NOTE "%.*s", run->staging, CA_DIGITS,
               authority_cert(run->authority)->sha256);
    return buf_take(&out);
}

static bool is_note(const char *name)
{
    return str_starts(name, NOTE) && strlen(name) == strlen(NOTE) + CA_DIGITS;
}

/* Files of a run that did not come to its end; keys among them. Notes stay until they are settled.
 */
static void sweep(const struct list_run *run)
{
    DIR *dir = opendir(run->staging);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            is_note(entry->d_name))
            continue;
        (void)unlinkat(run->staging_fd, entry->d_name, 0);
    }
    if (dir != NULL)
        closedir(dir);
}

/* True if the name still leads to what was opened: whoever had it before takes it away when done.
 */
static bool is_still_there(const struct list_run *run)
{
    struct stat opened, named;

    return fstat(run->staging_fd, &opened) == 0 && lstat(run->staging, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static int try_open(struct list_run *run, struct err *err)
{
    struct stat st;

    if (mkdir(run->staging, 0700) != 0 && errno != EEXIST)
        return err_set_errno(err, errno, "cannot write to %s",
                             run->wish->out != NULL ? run->wish->out : "the current folder");
    run->staging_fd = open(run->staging, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (run->staging_fd < 0)
        return err_set_errno(err, errno, "cannot open %s", run->staging);
    if (fstat(run->staging_fd, &st) != 0 || st.st_uid != geteuid()) {
        close(run->staging_fd);
        run->staging_fd = -1;
        err_set(err, ERR_ACCESS, "%s belongs to another user, who could exchange the keys in it",
                run->staging);
        err_remedy(err, "choose a folder of your own (--out)");
        return ERR_ACCESS;
    }
    if (flock(run->staging_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    close(run->staging_fd);
    run->staging_fd = -1;
    err_set(err, ERR_BUSY, "another comcert is filling this folder");
    err_remedy(err, "wait until it has ended, or choose another folder (--out)");
    return ERR_BUSY;
}

int list_stage_open(struct list_run *run, struct err *err)
{
    const char *out = run->wish->out;
    struct buf path = {0};
    int rc;

    run->staging_fd = -1;
    if (out != NULL && out[0] != '\0') {
        rc = file_make_folder(out, err);
        if (rc != 0)
            return rc;
        buf_printf(&path, "%s/", out);
    }
    buf_add_str(&path, FOLDER);
    run->staging = buf_take(&path);
    if (run->staging == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    for (;;) {
        rc = try_open(run, err);
        if (rc != 0 || is_still_there(run))
            break;
        close(run->staging_fd);
    }
    if (rc == 0)
        sweep(run);
    return rc;
}

/* Only what an index knows needs one, and without the index nothing of it is settled. */
static void drop_note(const struct list_run *run)
{
    char *path = run->authority->index != NULL ? note_file(run) : NULL;

    if (path != NULL)
        unlink(path);
    free(path);
}

void list_stage_close(struct list_run *run, bool failed)
{
    struct err unsaid;

    if (run->staging_fd >= 0) {
        bool settled = !failed || list_stage_settle(run, &unsaid) == 0;

        sweep(run);
        if (settled)
            drop_note(run);
        /* Where a note is left, of what could not be taken back or of another CA, this fails. */
        (void)rmdir(run->staging);
        close(run->staging_fd);
    }
    run->staging_fd = -1;
    free(run->staging);
    run->staging = NULL;
}

/* --- what is in flight ------------------------------------------------------------------------ */

int list_stage_note(struct list_run *run, struct draft *const *drafts, size_t count,
                    struct err *err)
{
    struct buf text = {0};
    char *path;
    int rc;

    if (run->authority->index == NULL)
        return 0;
    path = note_file(run);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s %s\n", drafts[i]->serial, drafts[i]->id);
    if (path == NULL || text.failed)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    else
        rc = file_write(path, 0600, true, text.data, text.len, err);
    buf_reset(&text);
    free(path);
    return rc;
}

/* True if the certificate with this serial number has got as far as its file. */
static bool is_published(const struct list_run *run, const char *serial, const char *id)
{
    struct draft d = {.id = id};
    struct findings unused = {0};
    struct credential *c = NULL;
    struct place where = {0};
    struct err err;
    bool is = false;

    if (draft_name(&d, run->wish, run->authority, DRAFT_CERT, &err) == 0 &&
        file_is_there(d.cert_file) && credential_read(d.cert_file, where, NULL, &c, &unused) == 0 &&
        credential_cert_count(c) > 0)
        is = strcmp(credential_cert(c, 0)->serial, serial) == 0;
    credential_destroy(c);
    findings_reset(&unused);
    draft_reset(&d);
    return is;
}

static int settle_line(struct list_run *run, char *line, struct err *err)
{
    char *blank = strchr(line, ' ');
    const char *serial = line;

    if (blank == NULL)
        return 0; /* it was cut off, so nothing was done after it */
    *blank = '\0';
    if (!index_has_serial(run->authority->index, serial) || is_published(run, serial, blank + 1))
        return 0;
    return index_void(run->authority->index, &serial, 1, err);
}

int list_stage_settle(struct list_run *run, struct err *err)
{
    struct issue_index *index = run->authority->index;
    char *path = note_file(run);
    struct secret bytes = {0};
    char *line, *rest;
    int rc;

    if (path == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (index == NULL || !file_is_there(path)) {
        free(path);
        return 0;
    }
    rc = file_read(path, NOTE_MAX, &bytes, err);
    if (rc == 0)
        rc = index_lock(index, err);
    rest = (char *)bytes.data;
    while (rc == 0 && (line = strsep(&rest, "\n")) != NULL)
        rc = settle_line(run, line, err);
    index_unlock(index);
    secret_reset(&bytes);
    if (rc == 0)
        unlink(path);
    free(path);
    return rc;
}
