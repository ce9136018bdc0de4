/* SPDX-License-Identifier: MIT */
#include "ui/port_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/profile.h"

/* What holds if the user sets nothing. */
static struct line_settings profile_line(const struct wizard *w)
{
    struct line_settings line = line_defaults();

    return w->prepared.profile != NULL ? line_merge(line, w->prepared.profile->line) : line;
}

static const char *const common_frames[] = {"8N1", "7E1", "8E1", "8N2", "7N2"};
enum { FRAMES = sizeof common_frames / sizeof common_frames[0] };

static const char *const *frame_words(const struct wizard *w)
{
    static const char *words[FRAMES + 3];
    static char of_profile[32];
    const char *own = w->prepared.job.line.frame;
    size_t n = 0;

    snprintf(of_profile, sizeof of_profile, "profile (%s)", profile_line(w).frame);
    words[n++] = of_profile;
    for (size_t i = 0; i < FRAMES; i++)
        words[n++] = common_frames[i];
    words[n] = NULL;
    for (size_t i = 1; i < n; i++) {
        if (strcmp(words[i], own) == 0)
            return words;
    }
    if (own[0] != '\0')
        words[n++] = own;
    words[n] = NULL;
    return words;
}

static int frame_word(const struct wizard *w, const char *const *words)
{
    for (int i = 1; words[i] != NULL; i++) {
        if (strcmp(words[i], w->prepared.job.line.frame) == 0)
            return i;
    }
    return 0;
}

static void take_frame(struct wizard *w, const char *word, bool of_profile)
{
    char *frame = w->prepared.job.line.frame;

    snprintf(frame, sizeof w->prepared.job.line.frame, "%s", of_profile ? "" : word);
    wizard_changed(w);
}

static const char *const *all_flow_words(const struct wizard *w)
{
    static char of_profile[32];
    static const char *words[] = {of_profile, "none", "RTS/CTS", "XON/XOFF", NULL};

    snprintf(of_profile, sizeof of_profile, "profile (%s)", flow_name(profile_line(w).flow));
    return words;
}

bool port_line_is_bad(const struct wizard *w)
{
    const char *text = edit_text(&w->ports->baud);
    long baud = atol(text);

    return text[0] != '\0' && (strspn(text, "0123456789") != strlen(text) || strlen(text) > 7 ||
                               baud < 50 || baud > 4000000);
}

static void take_baud(struct wizard *w)
{
    w->prepared.job.line.baud = port_line_is_bad(w) ? 0 : atol(edit_text(&w->ports->baud));
    wizard_changed(w);
}

void ports_set_baud(struct wizard *w, long baud)
{
    char text[16];

    snprintf(text, sizeof text, "%ld", baud);
    edit_set(&w->ports->baud, text);
    take_baud(w);
}

/* How a setting of the line is known. */
static const char *provenance_of(const struct wizard *w, const char *key)
{
    const struct profile *profile = w->prepared.profile;

    return profile != NULL ? provenance_name(profile_provenance(profile, key, NULL)) : "";
}

void port_line_build(struct wizard *w, struct form *f)
{
    static char baud[80];
    const struct job *job = &w->prepared.job;
    struct item *item = form_text(f, ID_BAUD, "Speed", &w->ports->baud);

    snprintf(baud, sizeof baud, "empty: %ld by the profile, %s", profile_line(w).baud,
             provenance_of(w, "line.baud"));
    item->remark = job->line.baud == 0 ? baud : "bit/s, set here";
    if (port_line_is_bad(w))
        lines_add(&item->lines, ROLE_BAD, 0, "%s a number from 50 to 4000000", mark(ROLE_BAD));
    lines_add_findings(&item->lines, 0, &w->prepared.findings, "port.baud", NULL);
    item = form_add(f, ITEM_CHOICE, ID_FRAME, "Frame");
    item->words = frame_words(w);
    item->word = frame_word(w, item->words);
    if (item->word == 0)
        item->remark = provenance_of(w, "line.frame");
    item = form_add(f, ITEM_CHOICE, ID_FLOW, "Flow control");
    item->words = all_flow_words(w);
    item->word = (int)job->line.flow;
    if (item->word == 0)
        item->remark = provenance_of(w, "line.flow");
}

void port_line_change(struct wizard *w, const struct item *item)
{
    if (item->id == ID_BAUD) {
        take_baud(w);
    } else if (item->id == ID_FRAME) {
        take_frame(w, item->words[item->word], item->word == 0);
    } else {
        w->prepared.job.line.flow = (enum flow)item->word;
        wizard_changed(w);
    }
}
