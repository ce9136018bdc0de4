/* SPDX-License-Identifier: MIT */
#include "pki/issue.h"
#include "run/json_line.h"
#include "run/report.h"

char *json_new(const char *kind, const struct issued *made)
{
    struct json_line o = json_begin("new");

    json_put_text(&o, "kind", kind);
    json_put_text(&o, "id", made->id);
    if (made->cert_file != NULL)
        json_put_text(&o, "present", issued_present_file(made));
    json_put_text(&o, "certificate", made->cert_file);
    json_put_text(&o, "chain", made->chain_file);
    json_put_text(&o, "key", made->key_file);
    json_put_text(&o, "request", made->csr_file);
    json_put_text(&o, "issuer", made->issuer);
    if (made->cert_file != NULL) {
        json_put_text(&o, "serial", made->serial);
        json_put_text(&o, "sha1", made->sha1);
        json_put_text(&o, "sha256", made->sha256);
        json_put(&o, "not_before", json_integer((json_int_t)made->not_before));
        json_put(&o, "not_after", json_integer((json_int_t)made->not_after));
        json_put(&o, "shortened", json_boolean(made->shortened));
    }
    return json_print(&o);
}

char *json_new_list(size_t made, size_t kept, const char *manifest)
{
    struct json_line o = json_begin("new-list");

    json_put_size(&o, "made", made);
    json_put_size(&o, "kept", kept);
    json_put_text(&o, "manifest", manifest);
    return json_print(&o);
}
