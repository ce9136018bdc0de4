/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct err *err, enum err_code code, const char *fmt, va_list ap)
    ATTR_PRINTF(3, 0);

static void fill(struct err *err, enum err_code code, const char *fmt, va_list ap)
{
    err->code = code;
    err->line = 0;
    err->file[0] = '\0';
    err->remedy[0] = '\0';
    vsnprintf(err->text, sizeof err->text, fmt, ap);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    if (err != NULL) {
        va_start(ap, fmt);
        fill(err, code, fmt, ap);
        va_end(ap);
    }
    return code;
}

int err_set_at(struct err *err, enum err_code code, const char *file, int line, const char *fmt,
               ...)
{
    va_list ap;

    if (err != NULL) {
        va_start(ap, fmt);
        fill(err, code, fmt, ap);
        va_end(ap);
        snprintf(err->file, sizeof err->file, "%s", file);
        err->line = line;
    }
    return code;
}

static enum err_code code_of_errno(int sys)
{
    switch (sys) {
    case ENOMEM:
        return ERR_NOMEM;
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
        return ERR_MISSING;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_ACCESS;
    case EBUSY:
    case EAGAIN:
        return ERR_BUSY;
    default:
        return ERR_IO;
    }
}

int err_set_errno(struct err *err, int sys, const char *fmt, ...)
{
    enum err_code code = code_of_errno(sys);
    va_list ap;
    size_t used;

    if (err == NULL)
        return code;
    va_start(ap, fmt);
    fill(err, code, fmt, ap);
    va_end(ap);
    used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(sys));
    return code;
}

void err_remedy(struct err *err, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return;
    va_start(ap, fmt);
    vsnprintf(err->remedy, sizeof err->remedy, fmt, ap);
    va_end(ap);
}
