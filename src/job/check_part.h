/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_CHECK_PART_H
#define COMCERT_JOB_CHECK_PART_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "base/finding.h"
#include "job/job.h"

/*
 * The parts of check_job. An error is only what certainly cannot work: stated by the vendor or by
 * logic. What is merely seen or inferred is a warning.
 */

/* Whose broker it is: known by the preset or by the host name, so that a job that spells everything
 * out is judged like one that uses the preset. */
enum cloud { CLOUD_OTHER, CLOUD_AZURE, CLOUD_AZURE_SOVEREIGN, CLOUD_AWS };

struct check {
    const struct job *job;
    struct findings *findings;
    time_t now;
    enum cloud cloud;
    bool cloud_host;    /* the broker's name is in that cloud's own domain: no gateway before it */
    const char *broker; /* NULL: none */
    const char *id;     /* device ID or, where none is given, the client ID; NULL */
    /* NULL where the job has none or it does not fit its slot. */
    const struct credential *root, *cert, *key;
    size_t leaf; /* of cert */
    bool alone;  /* the settings are judged alone: nothing is said of logging in */
};

/* What is known before any file is looked at. */
struct check check_begin(const struct job *job, time_t now, struct findings *findings);

/* Reported first; fills c->root, c->cert and c->key. */
void check_slots(struct check *c);
void check_pair(const struct check *c);
void check_root(const struct check *c);
void check_device_cert(const struct check *c);
void check_chain(const struct check *c);
void check_settings(const struct check *c);
void check_azure(const struct check *c);
void check_azure_username(const struct check *c);
void check_azure_password(const struct check *c);
void check_aws(const struct check *c);

/* Any Azure cloud. */
bool check_is_azure(const struct check *c);

/* A root that this cloud uses, now or next. False for a broker of no known cloud. */
bool check_is_root_of_cloud(const struct check *c, const struct known_root *root);

/* The last certificate of the chain in the file of the device certificate; the leaf if that is all.
 */
size_t check_chain_top(const struct check *c);

/* Azure's domains, ended by NULL; the public cloud's first. */
extern const char *const azure_domains[];

struct place check_id_place(const struct check *c);

/* A short text for a sentence or a remedy. */
struct words {
    char s[400];
};
struct words words(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* Foreign text, safe to show: escaped, and without the key of a connection string or the signature
 * of a token. */
struct words words_of(const char *text);

/* "2026-11-22". */
struct words words_day(time_t t);

/* Case-insensitive, for host names. */
bool host_ends(const char *host, const char *domain);
bool host_equals(const char *a, const char *b);

/* check_control (check.h) for what presets derive settings from. */
bool check_sources(const struct job *job, struct findings *findings);

/* A control character in it is told as value-unsafe; what it does to the text's form is not told as
 * well. False for NULL. */
bool has_control(const char *text);

/* True if both texts are there and differ, but not when case and blanks at the ends are ignored. */
bool differs_by_case_or_blanks(const char *a, const char *b);

#endif
