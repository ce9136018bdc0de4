/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ISSUE_PART_H
#define COMCERT_PKI_ISSUE_PART_H

#include "pki/draft.h"

/* Inside the maker of certificates. */

/* Signs, writes the index, writes the files. */
int issue_finish(struct draft *d, struct authority *a, const struct issue_wish *wish,
                 struct issued *made, struct err *err) ATTR_MUST_USE;

/* ERR_BUSY if the CA's index has a valid certificate for this name, unless another is wished. */
int issue_check_free_name(struct authority *a, const struct issue_wish *wish, const char *id,
                          struct err *err) ATTR_MUST_USE;

#endif
