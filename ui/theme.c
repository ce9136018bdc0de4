/* SPDX-License-Identifier: MIT */
#include "ui/theme.h"

/* Colours of a scheme; -1 is the terminal's own. */
struct look {
    short fg, bg;
    attr_t attr;
};

static const struct look monochrome[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, A_NORMAL},
    [ROLE_DIM] = {-1, -1, A_NORMAL},
    [ROLE_STRONG] = {-1, -1, A_BOLD},
    [ROLE_GOOD] = {-1, -1, A_NORMAL},
    [ROLE_NOTE] = {-1, -1, A_NORMAL},
    [ROLE_WARN] = {-1, -1, A_BOLD},
    [ROLE_BAD] = {-1, -1, A_BOLD | A_UNDERLINE},
    [ROLE_BAR] = {-1, -1, A_REVERSE},
    [ROLE_BAR_HERE] = {-1, -1, A_BOLD},
    [ROLE_BAR_KEY] = {-1, -1, A_REVERSE | A_BOLD},
    [ROLE_FIELD] = {-1, -1, A_UNDERLINE},
    [ROLE_FIELD_FOCUS] = {-1, -1, A_UNDERLINE | A_BOLD},
    [ROLE_SELECTED] = {-1, -1, A_REVERSE},
    [ROLE_DONE] = {-1, -1, A_REVERSE},
    [ROLE_LEFT] = {-1, -1, A_NORMAL},
};

static const struct look eight[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, A_NORMAL},
    [ROLE_DIM] = {-1, -1, A_NORMAL},
    [ROLE_STRONG] = {-1, -1, A_BOLD},
    [ROLE_GOOD] = {COLOR_GREEN, -1, A_NORMAL},
    [ROLE_NOTE] = {COLOR_CYAN, -1, A_NORMAL},
    [ROLE_WARN] = {COLOR_YELLOW, -1, A_NORMAL},
    [ROLE_BAD] = {COLOR_RED, -1, A_BOLD},
    [ROLE_BAR] = {COLOR_WHITE, COLOR_BLUE, A_NORMAL},
    [ROLE_BAR_HERE] = {COLOR_BLACK, COLOR_CYAN, A_NORMAL},
    [ROLE_BAR_KEY] = {COLOR_YELLOW, COLOR_BLUE, A_BOLD},
    [ROLE_FIELD] = {-1, -1, A_UNDERLINE},
    [ROLE_FIELD_FOCUS] = {COLOR_BLACK, COLOR_CYAN, A_NORMAL},
    [ROLE_SELECTED] = {COLOR_BLACK, COLOR_CYAN, A_NORMAL},
    [ROLE_DONE] = {COLOR_BLACK, COLOR_GREEN, A_NORMAL},
    [ROLE_LEFT] = {-1, -1, A_NORMAL},
};

static const struct look many[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, A_NORMAL},     [ROLE_DIM] = {245, -1, A_NORMAL},
    [ROLE_STRONG] = {-1, -1, A_BOLD},     [ROLE_GOOD] = {77, -1, A_NORMAL},
    [ROLE_NOTE] = {74, -1, A_NORMAL},     [ROLE_WARN] = {214, -1, A_NORMAL},
    [ROLE_BAD] = {203, -1, A_BOLD},       [ROLE_BAR] = {252, 236, A_NORMAL},
    [ROLE_BAR_HERE] = {16, 74, A_NORMAL}, [ROLE_BAR_KEY] = {74, 236, A_BOLD},
    [ROLE_FIELD] = {252, 237, A_NORMAL},  [ROLE_FIELD_FOCUS] = {231, 24, A_NORMAL},
    [ROLE_SELECTED] = {16, 74, A_NORMAL}, [ROLE_DONE] = {16, 77, A_NORMAL},
    [ROLE_LEFT] = {245, 237, A_NORMAL},
};

static const struct look *looks = monochrome;

void theme_start(bool colour)
{
    looks = monochrome;
    if (!colour || !has_colors() || start_color() != OK || use_default_colors() != OK)
        return;
    looks = COLORS >= 256 && COLOR_PAIRS > ROLE_COUNT ? many : COLORS >= 8 ? eight : monochrome;
    for (short i = 0; i < ROLE_COUNT && looks != monochrome; i++)
        (void)init_pair((short)(i + 1), looks[i].fg, looks[i].bg);
}

attr_t theme_attr(enum role role)
{
    return looks[role].attr;
}

short theme_pair(enum role role)
{
    return looks == monochrome ? 0 : (short)(role + 1);
}
