/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

bool emulator_keep_body(struct emulator *e)
{
    const struct secret *body = &e->body.bytes;

    if (!e->options.keep)
        return true;
    if (secret_set(&e->kept.body[e->body.slot], body->data, body->len, NULL) != 0)
        return false;
    e->kept.news = true;
    return true;
}

bool emulator_keep_setting(struct emulator *e, enum setting setting, const void *value, size_t n)
{
    if (!e->options.keep)
        return true;
    if (emulator_give_setting(e, setting, value, n, NULL) != 0)
        return false;
    e->kept.news = true;
    return true;
}

int emulator_give_setting(struct emulator *e, enum setting setting, const void *value, size_t n,
                          struct err *err)
{
    int rc = secret_set(&e->kept.setting[setting], value, n, err);

    if (rc == 0)
        e->kept.has_setting[setting] = true;
    return rc;
}

const struct secret *emulator_body(const struct emulator *e, enum slot slot)
{
    return e->kept.body[slot].len > 0 ? &e->kept.body[slot] : NULL;
}

const struct secret *emulator_setting(const struct emulator *e, enum setting setting)
{
    return e->kept.has_setting[setting] ? &e->kept.setting[setting] : NULL;
}

void emulator_forget(struct emulator *e)
{
    for (int i = 0; i < SLOT_COUNT; i++)
        secret_reset(&e->kept.body[i]);
    for (int i = 0; i < SETTING_COUNT; i++) {
        secret_reset(&e->kept.setting[i]);
        e->kept.has_setting[i] = false;
    }
    e->kept.news = false;
}
