/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_CONFIG_SCAN_H
#define COMCERT_BASE_CONFIG_SCAN_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * A pass over a config file's text before libconfig sees it. It refuses what libconfig would take
 * and must not (@include, NUL, \x00, integers that overflow, depths and numbers of settings that
 * cost quadratic time), and names the commonest slips in words better than "syntax error": a value
 * without quotes, a quote or bracket that is never closed, typographic quotes.
 *
 * Returns 0, ERR_SYNTAX, or ERR_VALUE for a number that is too long. err has the line and never
 * quotes a value.
 */
int config_scan(const char *text, size_t n, struct err *err) ATTR_MUST_USE;

#endif
