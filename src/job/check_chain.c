/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

enum { MAX_CHAIN = 16, NO_CERT = -1 };

/* The chain in the file of the device certificate: from the leaf upwards, as indices. */
struct chain {
    size_t at[MAX_CHAIN];
    size_t count;
    bool has_root; /* its last one is self-issued */
};

static bool is_in_chain(const struct chain *chain, size_t i)
{
    for (size_t k = 0; k < chain->count; k++) {
        if (chain->at[k] == i)
            return true;
    }
    return false;
}

static int issuer_of(const struct credential *cert, const struct chain *chain, size_t i)
{
    for (size_t j = 0; j < credential_cert_count(cert); j++) {
        if (!is_in_chain(chain, j) && credential_issued_by(cert, i, cert, j))
            return (int)j;
    }
    return NO_CERT;
}

static struct chain build(const struct check *c)
{
    struct chain chain = {.at = {c->leaf}, .count = 1};

    for (;;) {
        size_t last = chain.at[chain.count - 1];
        int next;

        chain.has_root = credential_cert(c->cert, last)->self_issued;
        if (chain.has_root || chain.count == MAX_CHAIN)
            return chain;
        next = issuer_of(c->cert, &chain, last);
        if (next == NO_CERT)
            return chain;
        chain.at[chain.count++] = (size_t)next;
    }
}

size_t check_chain_top(const struct check *c)
{
    struct chain chain = build(c);

    return chain.at[chain.count - 1];
}

static bool in_order(const struct chain *chain)
{
    for (size_t k = 0; k < chain->count; k++) {
        if (chain->at[k] != k)
            return false;
    }
    return true;
}

/* A broker of one's own often has one CA for both sides. */
static bool issued_by_server_ca(const struct check *c)
{
    for (size_t i = 0; c->root != NULL && i < credential_cert_count(c->root); i++) {
        if (credential_issued_by(c->cert, c->leaf, c->root, i))
            return true;
    }
    return false;
}

static void check_lone_leaf(const struct check *c, struct place place)
{
    const struct cert_info *leaf = credential_cert(c->cert, c->leaf);

    if (leaf->self_issued || c->cloud == CLOUD_AWS || issued_by_server_ca(c))
        return;
    findings_add(c->findings, check_is_azure(c) ? SEVERITY_WARNING : SEVERITY_NOTE,
                 "chain-incomplete", place,
                 "Put the intermediate certificates into the same file after the device's own, "
                 "unless the broker knows this issuer itself.",
                 "the device certificate was issued by %s and comes without its issuers",
                 words_of(leaf->issuer).s);
}

void check_chain(const struct check *c)
{
    struct chain chain;
    struct place place = job_credential_place(c->job, SLOT_DEVICE_CERT);
    size_t n;

    if (c->cert == NULL)
        return;
    n = credential_cert_count(c->cert);
    if (n == 1) {
        check_lone_leaf(c, place);
        return;
    }
    chain = build(c);
    if (chain.count == 1 && !chain.has_root) {
        findings_add(c->findings, SEVERITY_ERROR, "chain-broken", place,
                     "Put the certificates of the CAs that issued it into the file, or none.",
                     "none of the other certificates in the file issued the device certificate");
        return;
    }
    if (chain.count < n)
        findings_add(c->findings, SEVERITY_WARNING, "chain-extra", place,
                     "Remove them from the file. They are not sent.",
                     "%zu of the %zu certificates in the file have nothing to do with the device's "
                     "own",
                     n - chain.count, n);
    else if (!in_order(&chain))
        findings_add(c->findings, SEVERITY_NOTE, "chain-order", place, NULL,
                     "the certificates in the file are not in order; they are sent in order");
    if (chain.has_root && chain.count > 1)
        findings_add(c->findings, SEVERITY_NOTE, "chain-root", place, NULL,
                     "the file holds the CA's root certificate as well, which is not sent");
}
