/* SPDX-License-Identifier: MIT */
#include "job/line.h"

#include <string.h>

const char *const flow_names[] = {"none", "rtscts", "xonxoff", NULL};
const char *const modem_line_names[] = {"keep", "on", "off", NULL};

struct line_settings line_merge(struct line_settings base, struct line_settings over)
{
    if (over.baud != 0)
        base.baud = over.baud;
    if (over.frame[0] != '\0')
        memcpy(base.frame, over.frame, sizeof base.frame);
    if (over.flow != FLOW_UNSET)
        base.flow = over.flow;
    if (over.dtr != MODEM_LINE_UNSET)
        base.dtr = over.dtr;
    if (over.rts != MODEM_LINE_UNSET)
        base.rts = over.rts;
    return base;
}

struct line_settings line_defaults(void)
{
    return (struct line_settings){
        .baud = 115200,
        .frame = "8N1",
        .flow = FLOW_NONE,
        .dtr = MODEM_LINE_KEEP,
        .rts = MODEM_LINE_KEEP,
    };
}

bool line_frame_is_valid(const char *frame)
{
    return strlen(frame) == 3 && frame[0] >= '5' && frame[0] <= '8' &&
           (frame[1] == 'N' || frame[1] == 'E' || frame[1] == 'O') &&
           (frame[2] == '1' || frame[2] == '2');
}

unsigned line_bits_per_byte(const struct line_settings *line)
{
    return 1U + (unsigned)(line->frame[0] - '0') + (line->frame[1] != 'N') +
           (unsigned)(line->frame[2] - '0');
}

usec line_time(const struct line_settings *line, unsigned long n)
{
    usec bits = (usec)n * line_bits_per_byte(line);

    return (bits * USEC_PER_SEC + line->baud - 1) / line->baud;
}

/* The names start at the first value after "unset". */
static int index_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0)
            return i + 1;
    }
    return -1;
}

const char *flow_name(enum flow flow)
{
    return flow == FLOW_UNSET ? "unset" : flow_names[flow - 1];
}

int flow_of_name(const char *name)
{
    return index_of(flow_names, name);
}

const char *modem_line_name(enum modem_line policy)
{
    return policy == MODEM_LINE_UNSET ? "unset" : modem_line_names[policy - 1];
}

int modem_line_of_name(const char *name)
{
    return index_of(modem_line_names, name);
}
