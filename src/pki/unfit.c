/* SPDX-License-Identifier: MIT */
#include "pki/credential.h"

#include <stdio.h>
#include <string.h>

struct reason {
    char s[96];
};

static const char *say_day(struct reason *r, const char *words, time_t t)
{
    char day[16];
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(day, sizeof day, "%Y-%m-%d", &tm) == 0)
        snprintf(day, sizeof day, "an unknown day");
    snprintf(r->s, sizeof r->s, "%s %s", words, day);
    return r->s;
}

static const char *unfit_dates(struct reason *r, const struct cert_info *cert, time_t now)
{
    if (cert->not_after < now)
        return say_day(r, "expired", cert->not_after);
    if (cert->not_before > now)
        return say_day(r, "not valid before", cert->not_before);
    return NULL;
}

static const char *unfit_key(struct reason *r, const struct key_info *key)
{
    bool rsa = key->type == KEY_RSA, ec = key->type == KEY_EC;

    if ((rsa && key->bits < 2048) || (ec && key->bits < 256))
        snprintf(r->s, sizeof r->s, "key too short (%s)", key->name);
    else if (!rsa && !ec)
        snprintf(r->s, sizeof r->s, "key of a kind that devices cannot use (%s)", key->name);
    else if (key->ec_explicit)
        snprintf(r->s, sizeof r->s, "key spells out its curve's parameters");
    else
        return NULL;
    return r->s;
}

static const char *unfit_signature(const struct cert_info *cert)
{
    if (!cert->signature_weak)
        return NULL;
    return strncmp(cert->signature, "md", 2) == 0 ? "signed with MD5" : "signed with SHA-1";
}

const char *credential_unfit(const struct credential *c, size_t i, time_t now)
{
    static _Thread_local struct reason r;
    const struct cert_info *cert = credential_cert(c, i);
    const char *why;

    if (cert == NULL)
        return NULL;
    if (cert->self_issued && !cert->self_signed)
        return "damaged: its own signature does not fit";
    why = unfit_dates(&r, cert, now);
    if (why == NULL)
        why = unfit_key(&r, &cert->key);
    if (why == NULL && !cert->is_ca && cert->has_eku && !cert->eku_client)
        why =
            cert->eku_server ? "for servers only: no clientAuth" : "not for clients: no clientAuth";
    /* Nobody looks at a root's own signature. */
    if (why == NULL && !(cert->is_ca && cert->self_issued))
        why = unfit_signature(cert);
    return why;
}
