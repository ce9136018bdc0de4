/* SPDX-License-Identifier: MIT */
#include "pki/oddity.h"

#include <stdio.h>

void oddity_add(struct oddities *odd, enum oddity kind, size_t line, const char *detail)
{
    if (line == 0 || odd->kind[kind].count++ > 0)
        return;
    odd->kind[kind].line = line;
    if (detail != NULL)
        snprintf(odd->kind[kind].detail, sizeof odd->kind[kind].detail, "%s", detail);
}

void oddity_char(struct oddities *odd, char c)
{
    odd->stars |= c == '*';
    odd->dels |= c == 0x7F;
    odd->subs |= c == 0x1A;
    odd->eots |= c == 0x04;
}

/* What makes text outside the armour worse than untidy. */
static void dangers(const struct oddities *odd, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s%s", odd->stars ? " '*'" : "", odd->dels ? " 0x7F (DEL)" : "",
             odd->subs ? " 0x1A (Ctrl-Z)" : "", odd->eots ? " 0x04 (Ctrl-D)" : "");
}

static void say_extra_text(const struct oddities *odd, struct intake *in)
{
    char found[64];

    if (odd->kind[ODD_EXTRA_TEXT].count == 0)
        return;
    dangers(odd, found, sizeof found);
    intake_say(in, SEVERITY_WARNING, "pem-extra-text", NULL,
               "%s has text that belongs to no certificate or key, first in line %zu%s%s%s; it is "
               "not sent.",
               in->title, odd->kind[ODD_EXTRA_TEXT].line, found[0] != '\0' ? ". It holds" : "",
               found, found[0] != '\0' ? ", at which some devices end an upload" : "");
}

static void say_encoding(struct intake *in, const struct text *text)
{
    if (text->bom && !text->utf16)
        intake_say(in, SEVERITY_WARNING, "pem-bom", NULL,
                   "%s begins with a byte order mark, which devices do not understand; it is not "
                   "sent.",
                   in->title);
    if (text->utf16)
        intake_say(in, SEVERITY_WARNING, "pem-utf16",
                   "In Notepad, save it as ANSI or UTF-8, not as Unicode.",
                   "%s is written in UTF-16, which no device reads; it was converted.", in->title);
    if (text->nul > 0)
        intake_say(in, SEVERITY_WARNING, "pem-nul", NULL,
                   "%s has %zu NUL byte%s in it, the first in line %zu; they are not sent.",
                   in->title, text->nul, text->nul == 1 ? "" : "s", text->nul_line);
    if (text->escaped)
        intake_say(in, SEVERITY_WARNING, "pem-escaped", NULL,
                   "%s was copied out of a program or a setting, with \\n for its line ends or in "
                   "quotes; that was undone.",
                   in->title);
    if (text->cr > 0)
        intake_say(in, SEVERITY_WARNING, "pem-cr-only", NULL,
                   "%s has lines that end with CR alone, which most programs take for one line.",
                   in->title);
    if (text->crlf > 0)
        intake_say(in, SEVERITY_NOTE, "pem-crlf", NULL,
                   "%s has line ends of the Windows kind (CR LF).", in->title);
}

void oddity_say(const struct oddities *odd, struct intake *in, const struct text *text)
{
    static const struct {
        enum severity severity;
        const char *code, *text;
    } table[ODDITIES] = {
        [ODD_WIDTH] = {SEVERITY_NOTE, "pem-line-length",
                       "has lines that are not 64 characters long"},
        [ODD_WHITE] = {SEVERITY_WARNING, "pem-whitespace", "has blanks around or inside its lines"},
        [ODD_BLANK_LINE] = {SEVERITY_WARNING, "pem-blank-line",
                            "has an empty line inside the armour"},
        [ODD_LABEL] = {SEVERITY_WARNING, "pem-label", ""},
        [ODD_GLUED] = {SEVERITY_WARNING, "pem-glued",
                       "has an END and a BEGIN glued together on one line"},
        [ODD_ARMOUR] = {SEVERITY_WARNING, "pem-armour", ""},
        [ODD_NBSP] = {SEVERITY_WARNING, "pem-nbsp",
                      "has blanks that are not plain ones (no-break spaces, as web pages and PDF "
                      "files have them)"},
        [ODD_MISMATCH] = {SEVERITY_WARNING, "pem-label-mismatch", ""},
    };

    say_encoding(in, text);
    say_extra_text(odd, in);
    for (int i = 0; i < ODDITIES; i++) {
        if (i == ODD_EXTRA_TEXT || odd->kind[i].count == 0)
            continue;
        /* Written out as \n or on one line, widths and blanks are what one expects. */
        if (text->escaped && (i == ODD_WIDTH || i == ODD_WHITE || i == ODD_BLANK_LINE))
            continue;
        intake_say(in, table[i].severity, table[i].code, NULL, "%s %s%s, %sin line %zu.", in->title,
                   table[i].text, odd->kind[i].detail, odd->kind[i].count > 1 ? "first " : "",
                   odd->kind[i].line);
    }
}
