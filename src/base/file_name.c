/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

/* Adds the parts of path, each after a slash, without "." and empty ones; true if one was "..". */
static bool add_parts(struct buf *out, const char *path)
{
    bool up = false;

    while (*path != '\0') {
        size_t n;

        path += strspn(path, "/");
        n = strcspn(path, "/");
        if (n > 0 && !(n == 1 && path[0] == '.'))
            buf_printf(out, "/%.*s", (int)n, path);
        up |= n == 2 && path[0] == '.' && path[1] == '.';
        path += n;
    }
    return up;
}

/* path from the root, "" for the root itself. *up: there is a ".." in it. */
static int make_absolute(const char *path, char **out, bool *up, struct err *err)
{
    struct buf b = {0};
    char *cwd = NULL;

    if (path[0] != '/') {
        cwd = getcwd(NULL, 0);
        if (cwd == NULL)
            return err_set_errno(err, errno, "cannot find the current folder");
        add_parts(&b, cwd);
    }
    *up = add_parts(&b, path);
    free(cwd);
    *out = buf_take(&b);
    return *out != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* Follows the links of as much of a folder's name as is there. NULL when memory runs out. */
static char *follow(const char *folder)
{
    size_t n = strlen(folder);
    struct buf out = {0};

    for (;;) {
        char *head = strndup(folder, n);
        char *real = head != NULL && n > 0 ? realpath(head, NULL) : NULL;

        free(head);
        if (real != NULL || n == 0) {
            if (real != NULL)
                add_parts(&out, real);
            add_parts(&out, folder + n);
            free(real);
            return buf_take(&out);
        }
        while (n > 0 && folder[--n] != '/')
            ;
    }
}

/* Follows the links before the last part: the name of a file may be a link on purpose. */
static char *follow_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash != NULL ? strndup(path, (size_t)(slash - path)) : NULL;
    char *real = folder != NULL ? follow(folder) : NULL;
    struct buf out = {0};

    if (real != NULL)
        buf_printf(&out, "%s%s", real, slash);
    else
        out.failed = folder != NULL || slash != NULL;
    free(folder);
    free(real);
    return buf_take(&out);
}

/* What of path comes after the folder and a slash; NULL if it does not lie there. */
static const char *below(const char *folder, const char *path)
{
    size_t n = strlen(folder);

    return strncmp(folder, path, n) == 0 && path[n] == '/' && path[n + 1] != '\0' ? path + n + 1
                                                                                  : NULL;
}

/* file_resolve would take "~/" for the home folder. */
static char *choose(const char *folder, const char *place, const char *absolute)
{
    const char *rest = below(folder, place);
    struct buf out = {0};

    if (rest != NULL)
        buf_printf(&out, "%s%s", str_starts(rest, "~/") ? "./" : "", rest);
    else
        buf_add_str(&out, absolute);
    return buf_take(&out);
}

int file_name_from(const char *folder, const char *path, char **out, struct err *err)
{
    char *from = NULL, *from_real = NULL, *to = NULL, *to_real = NULL;
    bool up;
    int rc = make_absolute(folder, &from, &up, err);

    *out = NULL;
    if (rc == 0)
        rc = make_absolute(path, &to, &up, err);
    if (rc == 0) {
        from_real = follow(from);
        to_real = follow_folder(to);
        if (from_real != NULL && to_real != NULL)
            *out = choose(from_real, to_real, up ? to_real : to);
        if (*out == NULL)
            rc = err_set(err, ERR_NOMEM, "out of memory");
    }
    free(from);
    free(from_real);
    free(to);
    free(to_real);
    return rc;
}
