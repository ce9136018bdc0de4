/* SPDX-License-Identifier: MIT */
#include "pki/damage.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "pki/root.h"

static void strange_char(const struct damage *d, const struct body *body, char *out, size_t size)
{
    char shown[16];

    if (d->is_private || (body->fault_char & 0x80) != 0)
        snprintf(out, size, "line %zu has a character that is not base64", body->fault_line);
    else
        snprintf(out, size, "line %zu has '%s', which is not base64", body->fault_line,
                 str_escape_to(shown, sizeof shown, &body->fault_char, 1));
}

/* For which cloud it may be right is not known here. */
static void root_remedy(const struct known_root *root, char *out, size_t size)
{
    switch (root->role) {
    case ROOT_AWS:
        snprintf(out, size,
                 "For Azure, load DigiCert Global Root G2 instead; for AWS, get %s from its "
                 "publisher as a file and do not copy it from a document.",
                 root->name);
        break;
    case ROOT_LOOKALIKE:
    case ROOT_AZURE_OBSOLETE:
        snprintf(out, size,
                 "For Azure, load DigiCert Global Root G2 instead; otherwise get %s from its "
                 "publisher as a file and do not copy it from a document.",
                 root->name);
        break;
    default:
        snprintf(out, size, "Get %s from its publisher as a file; do not copy it from a document.",
                 root->name);
        break;
    }
}

/* Why the DER is broken, as far as its own length tells. */
static void length_reason(const struct body *body, char *out, size_t size)
{
    uint64_t claimed = der_claimed(body->der.data, body->der.len);

    if (claimed > body->der.len && claimed - body->der.len < 100000)
        snprintf(out, size,
                 "%" PRIu64 " of its %" PRIu64 " bytes %s missing: characters have been lost",
                 claimed - body->der.len, claimed, claimed - body->der.len == 1 ? "is" : "are");
    else
        snprintf(out, size, "the base64 can be decoded, but characters have been changed");
}

static void reason(const struct damage *d, const struct body *body, char *out, size_t size)
{
    switch (body->fault) {
    case BODY_EMPTY:
        snprintf(out, size, "there is nothing in it");
        break;
    case BODY_STRANGE_CHAR:
        strange_char(d, body, out, size);
        break;
    case BODY_AFTER_END:
        snprintf(out, size, "line %zu goes on after the '=' that ends the base64",
                 body->fault_line);
        break;
    case BODY_COUNT:
        snprintf(out, size, "a character is missing or there is one too many");
        break;
    default:
        length_reason(body, out, size);
        break;
    }
}

void damage_say(struct intake *in, const struct damage *d, const struct body *body)
{
    const struct known_root *root = d->is_private ? NULL : root_resembling(d->text, d->n);
    char why[160], line[80] = "", looks[320] = "", remedy[240];

    reason(d, body, why, sizeof why);
    /* The one line of another length is where to look, if there is just one. */
    if (body->odd_widths == 1 && body->fault != BODY_STRANGE_CHAR)
        snprintf(line, sizeof line, "; line %zu has %zu characters where 64 belong",
                 body->width_line, body->width);
    if (root != NULL)
        snprintf(looks, sizeof looks, " This looks like %s (%s), with characters changed.",
                 root->name, root->note);
    if (root != NULL)
        root_remedy(root, remedy, sizeof remedy);
    else
        snprintf(remedy, sizeof remedy, "Get the %s, as a file and not as text.",
                 d->is_private ? "key file again from where it was made"
                               : "file again from where it came from");
    intake_resembles(in, root);
    intake_say(in, SEVERITY_ERROR, "pem-damaged", remedy, "%s in %s is damaged%s: %s%s.%s",
               !d->in_armour   ? "The base64"
               : d->is_private ? "The private key"
                               : "The certificate",
               d->what, d->cut_off ? " and has no END line" : "", why, line, looks);
}
