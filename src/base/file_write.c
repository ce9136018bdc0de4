/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* One file on its way: written beside its name, then put in place. */
struct staged {
    char *tmp;
    bool placed;
    bool swapped; /* tmp now holds what was there before ... */
    char *kept;   /* ... or this does, where two names cannot be swapped */
};

static int write_bytes(int fd, const unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

/* FAT keeps no modes. A certificate does not mind; a key must not lie where all can read it. */
static int set_mode(int fd, unsigned mode)
{
    if (fchmod(fd, (mode_t)mode) == 0 || (errno == EPERM && (mode & 0044) != 0))
        return 0;
    return -1;
}

static int fill(int fd, const char *path, const struct file_part *part, bool sync, struct err *err)
{
    int rc = 0;

    if (set_mode(fd, part->mode) != 0) {
        rc = err_set_errno(err, errno, "%s cannot be kept private", path);
        err_remedy(err, "write it to a folder on this computer's own disk: USB sticks keep no "
                        "permissions");
    } else if (write_bytes(fd, part->bytes, part->n) != 0 || (sync && fsync(fd) != 0)) {
        rc = err_set_errno(err, errno, "cannot write %s", path);
    }
    if (close(fd) != 0 && rc == 0)
        rc = err_set_errno(err, errno, "cannot write %s", path);
    return rc;
}

static int stage(struct staged *s, const struct file_part *part, struct err *err)
{
    struct buf name = {0};
    int fd, rc;

    buf_printf(&name, "%s.XXXXXX", part->path);
    s->tmp = buf_take(&name);
    if (s->tmp == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    fd = mkostemp(s->tmp, O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        rc = err_set_errno(err, errno, "cannot write %s", part->path);
        free(s->tmp);
        s->tmp = NULL;
        return rc;
    }
    return fill(fd, part->path, part, true, err);
}

int file_write_unsynced(const char *path, unsigned mode, const void *bytes, size_t n,
                        struct err *err)
{
    struct file_part part = {path, mode, bytes, n};
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc;

    if (fd < 0 && errno == EEXIST)
        return err_set(err, ERR_BUSY, "%s exists already", path);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot write %s", path);
    rc = fill(fd, path, &part, false, err);
    if (rc != 0)
        unlink(path);
    return rc;
}

/* link() refuses to replace, too, where the file system knows links but not this flag. */
static int place_new(const char *tmp, const char *path)
{
    if (renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(tmp, path) != 0)
        return -1;
    unlink(tmp);
    return 0;
}

int file_place(const char *finished, const char *path, bool replace, struct err *err)
{
    if ((replace ? rename(finished, path) : place_new(finished, path)) == 0)
        return 0;
    if (errno == EEXIST)
        return err_set(err, ERR_BUSY, "%s exists already", path);
    return err_set_errno(err, errno, "cannot write %s", path);
}

/* Only files and links are replaced; rename() says why a folder is not. */
static bool is_replaceable(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode));
}

static int keep_old(struct staged *s, const char *path, struct err *err)
{
    struct buf name = {0};

    buf_printf(&name, "%s.old", s->tmp);
    s->kept = buf_take(&name);
    if (s->kept == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (rename(path, s->kept) == 0)
        return 0;
    err_set_errno(err, errno, "cannot replace %s", path);
    free(s->kept);
    s->kept = NULL;
    return (int)err->code;
}

/* What is replaced is kept under another name until all are in place. */
static int place_part(struct staged *s, const char *path, bool replace, struct err *err)
{
    int rc = 0;

    if (replace && is_replaceable(path)) {
        s->swapped = renameat2(AT_FDCWD, s->tmp, AT_FDCWD, path, RENAME_EXCHANGE) == 0;
        if (s->swapped)
            return 0;
        rc = keep_old(s, path, err);
    }
    if (rc == 0)
        rc = file_place(s->tmp, path, replace, err);
    s->placed = rc == 0;
    return rc;
}

static void take_back(struct staged *s, const char *path)
{
    if (s->swapped) {
        (void)renameat2(AT_FDCWD, s->tmp, AT_FDCWD, path, RENAME_EXCHANGE);
        return;
    }
    if (s->placed)
        unlink(path);
    if (s->kept != NULL && rename(s->kept, path) == 0) {
        free(s->kept);
        s->kept = NULL;
    }
}

static int write_staged(struct staged *staged, const struct file_part *parts, size_t count,
                        bool replace, struct err *err)
{
    int rc = 0;
    size_t i;

    for (i = 0; rc == 0 && i < count; i++)
        rc = stage(&staged[i], &parts[i], err);
    for (i = 0; rc == 0 && i < count; i++)
        rc = place_part(&staged[i], parts[i].path, replace, err);
    for (i = count; rc != 0 && i-- > 0;)
        take_back(&staged[i], parts[i].path);
    return rc;
}

int file_write_all(const struct file_part *parts, size_t count, bool replace, struct err *err)
{
    struct staged staged[FILE_PARTS_MAX] = {0};
    struct err own;
    int rc;

    if (err == NULL)
        err = &own;
    if (count > FILE_PARTS_MAX)
        return err_set(err, ERR_INTERNAL, "too many files at once");
    rc = write_staged(staged, parts, count, replace, err);
    for (size_t i = 0; i < count; i++) {
        /* A plain name that was placed is gone from under the temporary one. */
        if (staged[i].tmp != NULL && !staged[i].placed)
            unlink(staged[i].tmp);
        if (staged[i].kept != NULL && rc == 0) /* after a failure it may be all that is left */
            unlink(staged[i].kept);
        free(staged[i].tmp);
        free(staged[i].kept);
    }
    if (rc == 0 && count > 0)
        file_sync_folder_of(parts[0].path);
    return rc;
}

int file_write(const char *path, unsigned mode, bool replace, const void *bytes, size_t n,
               struct err *err)
{
    struct file_part part = {path, mode, bytes, n};

    return file_write_all(&part, 1, replace, err);
}

int file_make_folder(const char *path, struct err *err)
{
    struct stat st;
    int sys;

    if (mkdir(path, 0755) == 0)
        return 0;
    sys = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    if (sys == EEXIST)
        return err_set(err, ERR_VALUE, "%s is not a folder", path);
    err_set_errno(err, sys, "cannot make the folder %s", path);
    if (sys == ENOENT)
        err_remedy(err, "make the folder above it first");
    return (int)err->code;
}

void file_sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct buf folder = {0};
    int fd;

    if (slash == NULL)
        buf_add_str(&folder, ".");
    else
        buf_add(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    fd = folder.failed ? -1 : open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* some file systems cannot: then there is nothing to be done about it */
        close(fd);
    }
    buf_reset(&folder);
}
