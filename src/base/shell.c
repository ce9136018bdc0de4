/* SPDX-License-Identifier: MIT */
#include "base/shell.h"

#include <string.h>

void shell_quote(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *text);
    }
    buf_add_char(out, '\'');
}

void shell_word(struct buf *out, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._/:=@%+,";

    if (text[0] != '\0' && text[strspn(text, plain)] == '\0')
        buf_add_str(out, text);
    else
        shell_quote(out, text);
}
