/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_ENV_H
#define COMCERT_TESTS_UI_ENV_H

#include "vt.h"

/* What a wizard needs around it: a folder with a job that is fit to send, and a device on a pty. */

enum { ENV_PATH = 256 };

struct env {
    char dir[ENV_PATH], job[ENV_PATH], port[ENV_PATH], store[ENV_PATH];
    int baud;
    pid_t device; /* 0: none */
};

/* The job: profile infinite, DIR/dev at this speed, all three files of pump-7, what is assumed is
 * accepted. `more` is further lines of the job, or NULL. */
struct env *env_create(int baud, const char *more);

/* `comcert emulate` at DIR/dev at the job's speed, storing in DIR/store, with a NULL-ended list of
 * further options or NULL. Returns once the port is there. */
void env_emulate(struct env *env, const char *const *options);

/* A device in Python: `code` has `master` (bytes to and from the port), `port`, `note(text)`, which
 * appends to DIR/notes, and the modules os, select, sys and time. */
void env_script(struct env *env, const char *code);

/* Ends the device; waits until it has, and the port is gone. */
void env_stop_device(struct env *env);

/* A file of the folder, as a string; "" if there is none. To be freed. */
char *env_read(const struct env *env, const char *name);

/* Whether the device has stored the three files byte for byte. */
bool env_is_stored(const struct env *env);

void env_end(struct env *env);

/* Sixteen of the private key's lines in base64, which nobody may ever show; NULL-ended. */
const char *const *env_key_lines(void);

#endif
