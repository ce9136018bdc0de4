/* SPDX-License-Identifier: MIT */
#include "port/portlist.h"
#include "run/json_line.h"
#include "run/report.h"

char *json_port(const struct port_entry *entry)
{
    struct json_line o = json_begin("port");

    json_put_text(&o, "name", entry->name);
    json_put_filled(&o, "description", entry->description);
    if (entry->usb_vid >= 0) {
        json_put(&o, "usb_vid", json_integer(entry->usb_vid));
        json_put(&o, "usb_pid", json_integer(entry->usb_pid));
        json_put_filled(&o, "usb_serial", entry->usb_serial);
        json_put_filled(&o, "usb_maker", entry->usb_maker);
        json_put_filled(&o, "usb_product", entry->usb_product);
        json_put(&o, "same_serial", json_boolean(entry->same_serial));
    }
    json_put_filled(&o, "by_id", entry->by_id);
    json_put_filled(&o, "by_path", entry->by_path);
    json_put(&o, "held", json_boolean(entry->held));
    if (entry->held && entry->holder.pid > 0) {
        json_put(&o, "holder_pid", json_integer(entry->holder.pid));
        json_put_filled(&o, "holder_command", entry->holder.command);
    }
    return json_print(&o);
}

static void put_key(struct json_line *o, const struct key_info *key)
{
    json_put_text(o, "key", key->name);
    json_put(o, "key_bits", json_integer(key->bits));
    json_put_text(o, "public_key_sha256", key->sha256);
}

static struct json_line certificate_object(const struct cert_info *c)
{
    struct json_line o = json_begin(NULL);

    json_put_text(&o, "subject", c->subject);
    json_put_text(&o, "issuer", c->issuer);
    json_put_text(&o, "serial", c->serial);
    json_put_text(&o, "sans", c->sans);
    json_put(&o, "not_before", json_integer((json_int_t)c->not_before));
    json_put(&o, "not_after", json_integer((json_int_t)c->not_after));
    put_key(&o, &c->key);
    json_put(&o, "ca", json_boolean(c->is_ca));
    json_put(&o, "self_signed", json_boolean(c->self_signed));
    json_put_text(&o, "eku", c->eku);
    json_put_text(&o, "key_usage", c->key_usage);
    json_put_text(&o, "signature", c->signature);
    json_put_text(&o, "sha1", c->sha1);
    json_put_text(&o, "sha256", c->sha256);
    return o;
}

char *json_credential(const char *path, const struct credential *c)
{
    struct json_line o = json_begin("credential");
    json_t *certificates = json_array();
    int slot = credential_fits(c);
    bool ok = true;

    json_put_text(&o, "file", path);
    if (slot >= 0)
        json_put_text(&o, "fits", slot_name((enum slot)slot));
    for (size_t i = 0; i < credential_cert_count(c); i++) {
        struct json_line cert = certificate_object(credential_cert(c, i));

        ok &= json_append(certificates, &cert);
    }
    json_put_array(&o, "certificates", certificates, ok);
    if (credential_key(c) != NULL) {
        struct json_line key = json_begin(NULL);

        put_key(&key, credential_key(c));
        json_put(&o, "private_key", json_take(&key));
    }
    return json_print(&o);
}

char *json_profile_key(const char *key, const char *value, const char *provenance,
                       const char *source)
{
    struct json_line o = json_begin("profile-key");

    json_put_text(&o, "key", key);
    json_put_text(&o, "value", value);
    json_put_text(&o, "provenance", provenance);
    json_put_text(&o, "source", source);
    return json_print(&o);
}

char *json_profile(const struct profile *profile)
{
    struct json_line o = json_begin("profile");

    json_put_text(&o, "id", profile->id);
    json_put_text(&o, "title", profile->title);
    json_put_text(&o, "maker", profile->maker);
    json_put_text(&o, "source", profile->source);
    json_put(&o, "built_in", json_boolean(profile->file == NULL));
    json_put(&o, "emulator_only", json_boolean(profile->emulator_only));
    return json_print(&o);
}
