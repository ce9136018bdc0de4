/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_FILE_H
#define COMCERT_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/secret.h"

/* Whole files, small ones. Nothing here blocks on a FIFO or a device: only regular files are read.
 */

/* Reads a regular file of at most `max` bytes into out (replacing what it held). Into a secret,
 * because a file that a user names may hold a key whatever its name says. A directory, FIFO or
 * device is ERR_VALUE, a larger file ERR_VALUE; ERR_MISSING and ERR_ACCESS as they are. */
int file_read(const char *path, size_t max, struct secret *out, struct err *err) ATTR_MUST_USE;

/* Reads the first line of what an open descriptor delivers, without its line end, at most `max`
 * bytes; for --passphrase-fd. May block. Does not close fd. */
int file_read_line_fd(int fd, size_t max, struct secret *out, struct err *err) ATTR_MUST_USE;

/* Writes a file so that it appears whole or not at all: a temporary file of mode `mode` in the same
 * folder, synced, then renamed over path. With `replace` false an existing path is ERR_BUSY and
 * stays as it was. */
int file_write(const char *path, unsigned mode, bool replace, const void *bytes, size_t n,
               struct err *err) ATTR_MUST_USE;

/* One of several files that belong together: a key and its certificate. */
struct file_part {
    const char *path;
    unsigned mode;
    const void *bytes;
    size_t n;
};

/* The same for up to FILE_PARTS_MAX files: all appear, in this order, or none does. When one cannot
 * be put in place, those before it are taken away again, and what they replaced is back. */
enum { FILE_PARTS_MAX = 4 };
int file_write_all(const struct file_part *parts, size_t count, bool replace,
                   struct err *err) ATTR_MUST_USE;

/* Moves a finished file to its name in the same file system. With `replace` false an existing
 * `path` is ERR_BUSY and stays as it was. */
int file_place(const char *finished, const char *path, bool replace, struct err *err) ATTR_MUST_USE;

/* Writes a new file that others find only when it is placed: not synced. ERR_BUSY if it exists. */
int file_write_unsynced(const char *path, unsigned mode, const void *bytes, size_t n,
                        struct err *err) ATTR_MUST_USE;

/* Makes a folder of mode 0755 if it is not there; its parent must be. */
int file_make_folder(const char *path, struct err *err) ATTR_MUST_USE;

/* Makes sure that the names in the folder of `path` are on the disk. */
void file_sync_folder_of(const char *path);

/* True if there is something of that name, whatever it is. */
bool file_is_there(const char *path);

/* True if people other than the owner may read the file: worth a warning for a private key. */
bool file_is_readable_by_others(const char *path);

/* path as seen from the folder of base_file: absolute paths and "~/" are taken as they are. The
 * caller frees; NULL when memory runs out. */
char *file_resolve(const char *base_file, const char *path);

/* The way back: how to name the file `path` in a file that lies in `folder`, so that file_resolve
 * finds it again: relative to the folder if it lies in it or below, else absolute. Relative
 * arguments are taken from the current folder. Links in the folders' names are followed, one at the
 * end is not; neither has to be there. The caller frees. ERR_IO if there is no current folder. */
int file_name_from(const char *folder, const char *path, char **out, struct err *err) ATTR_MUST_USE;

#endif
