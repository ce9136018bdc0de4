/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ISSUE_LIST_H
#define COMCERT_PKI_ISSUE_LIST_H

#include "pki/issue.h"

/*
 * Keys and certificates for a list of devices, on all processors.
 *
 * Everything is checked before anything is made. What is made goes by batches: a note of what is in
 * flight, the CA's index, the files under other names, one sync of the file system, then the files
 * get their names, key first. So whenever the run ends (Ctrl-C, a full disk, SIGKILL, a power cut),
 * each file is whole or not there, and the next run over the same list and folder goes on: pairs
 * that are complete, match, and are this CA's are kept; a key without its certificate gets one; and
 * what stood in the index but never became a file is taken back there. The folder `.comcert-list`
 * in the out folder holds what is in flight; it goes away at the end.
 *
 * manifest.csv is written at the end, in the list's order, its file names relative to it:
 *     device-id,device-cert,device-key,sha1,sha256,not-after
 */
struct issue_list;

/* Reads a list: one device ID a line; a line that begins with '#' is a comment; blank lines, blanks
 * around an ID, a byte order mark and CRLF do no harm. On failure *out is NULL; `findings` has
 * every bad line (`device-id-bad`, `device-id-twice`...), and warnings for IDs that will be
 * trouble. */
int issue_list_read(const char *file, struct issue_list **out,
                    struct findings *findings) ATTR_MUST_USE;
void issue_list_destroy(struct issue_list *list);

struct issue_list_watch {
    /* Called now and then in the calling thread, true stops after what is in work. */
    bool (*tick)(void *ctx, size_t done, size_t total);
    /* Each device once, when its files have their names. */
    void (*ready)(void *ctx, const struct issued *made, bool kept);
    void *ctx;
};

struct issue_list_result {
    size_t made, kept;
    bool stopped;   /* by the watch: the rest waits for the next run */
    char *manifest; /* its path, once all is done; the caller frees */
};

/* wish->id is not used. wish->force: everything is made anew. On failure `findings` has what is
 * wrong with single devices, with their lines in the list, if there is anything of that kind. */
int issue_list_make(struct authority *authority, const struct issue_wish *wish,
                    struct issue_list *list, const struct issue_list_watch *watch,
                    struct issue_list_result *result, struct findings *findings,
                    struct err *err) ATTR_MUST_USE;

#endif
