/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_TERMINAL_WORLD_H
#define COMCERT_TESTS_TERMINAL_WORLD_H

#include "base/buf.h"
#include "run/emuhost.h"
#include "run/terminal.h"

/* A terminal and what is at the other end of its line: the test itself, at a pty's master, or an
 * emulated device of the bench profile in a process of its own. There is one at a time. */
struct terminal_world {
    struct terminal *t;
    int master; /* -1: an emulated device is there, or nothing any more */
    struct emuhost *host;
    pid_t pid;
    struct buf heard;           /* what came out at the master */
    void (*on_heard)(size_t n); /* called when more has come */
    void (*on_news)(void);      /* called when there is something new to show */
};
extern struct terminal_world w;

/* For the group: makes a folder and loads the profile. */
int world_make(void **state);
int world_drop(void **state);

/* A path in the folder, valid until the next call. */
const char *path_of(const char *name);
/* The folder, which must be empty in the end. */
extern char folder[];

/* CR, 115200 8N1. */
struct terminal_options plain(void);

void begin(const struct terminal_options *o);
void begin_emulated(const struct terminal_options *o, const struct emulator_options *device);
void end(void);

/* Waits for whatever comes next, at most until `until`, and does it. */
void turn(usec until);
void run(usec time);
void after_flush(void);

const char *text_of(size_t i);
/* All lines as one text, each behind a mark for its source: > sent, < received, - note. Valid until
 * the next call. */
char *all_lines(void);

/* Run until it is so, or fail after some seconds: all lines are this text; the last line is this;
 * nothing waits to be sent. */
void await(const char *lines);
void await_last(const char *text);
void await_sent(void);

/* What the test says as the device. */
void say(const char *text);
void say_bytes(const char *bytes, size_t n);

int send_line(const char *text);
int send_text(const char *text, struct err *err);

#endif
