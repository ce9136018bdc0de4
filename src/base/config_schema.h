/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_CONFIG_SCHEMA_H
#define COMCERT_BASE_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/config.h"

/* Questions about a schema alone, without a file. */

/* The row with this path, or NULL. */
const struct config_key *config_schema_find(const struct config_key *schema, const char *path);

/* The last component of a path: "client-id" of "mqtt.client-id". */
const char *config_schema_last(const char *path);

/* True if path is a direct child of group ("" for the top of the file; "proof[]" inside a list). */
bool config_schema_is_child(const char *path, const char *group);

/* Adds a sentence that helps somebody who wrote the unknown key `name` into `group`: where it
 * belongs, what was probably meant, or which keys there are. */
void config_schema_suggest(const struct config_key *schema, const char *group, const char *name,
                           struct buf *out);

/* "a text", "a whole number" ... */
const char *config_type_name(enum config_type type);

#endif
