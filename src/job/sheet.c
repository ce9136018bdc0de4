/* SPDX-License-Identifier: MIT */
#include "job/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "job/check_part.h"
#include "job/sheet_part.h"

const char sheet_window[] = "WA Manager, Edit Device window";
const char sheet_boxes[] = "WA Manager, Edit Device window, SSL Parameters tab";

/* In the window's order. */
static const struct {
    enum setting setting;
    const char *label;
} fields[] = {
    {SETTING_TLS, "Use SSL (tick box)"},
    {SETTING_BROKER, "Broker IP"},
    {SETTING_PORT, "Broker port"},
    {SETTING_CLIENT_ID, "Client ID"},
    {SETTING_USERNAME, "Username"},
    {SETTING_PASSWORD, "Password"},
    {SETTING_TOPIC, "Topic"},
};

static const char *const boxes[SLOT_COUNT] = {
    [SLOT_SERVER_CA] = "Server Certificate (CA)",
    [SLOT_DEVICE_CERT] = "Device Certificate",
    [SLOT_DEVICE_KEY] = "Device Private Key",
};

const char *sheet_source_name(enum sheet_source source)
{
    static const char *const names[] = {
        [SHEET_GUIDE] = "vendor guide",
        [SHEET_ARTICLE] = "article",
        [SHEET_TODAY] = "today",
    };

    return names[source];
}

static const char *value_of(const struct job *job, enum setting setting)
{
    const char *value = job_value(job, setting);

    if (setting == SETTING_PASSWORD)
        return job->password_file;
    if (setting == SETTING_TLS && value != NULL)
        return strcmp(value, "true") == 0 ? "ticked" : "not ticked";
    return value;
}

static const char *what_of_password(const struct check *c)
{
    bool cert = c->job->credentials[SLOT_DEVICE_CERT].path != NULL;

    if (c->job->password_file != NULL)
        return "the text in this file, on one line";
    if (check_is_azure(c) && !cert)
        return "empty with a certificate; else a token: comcert sas makes one";
    if (c->cloud == CLOUD_OTHER && !cert)
        return "what the broker's operator gave you; else empty";
    return "empty: the certificate stands in for it";
}

static const char *what_of_root(const struct check *c)
{
    switch (c->cloud) {
    case CLOUD_AZURE:
        return "the PEM text of DigiCert Global Root G2; if two fit, Microsoft RSA Root CA 2017 "
               "after it";
    case CLOUD_AZURE_SOVEREIGN:
        return "the PEM text of the root that this cloud's operator names";
    case CLOUD_AWS:
        return "the PEM text of Amazon Root CA 1";
    case CLOUD_OTHER:
        break;
    }
    return "the PEM text of the root that the broker's certificate comes from";
}

static const char *what_of(const struct check *c, enum slot slot)
{
    switch (slot) {
    case SLOT_SERVER_CA:
        return what_of_root(c);
    case SLOT_DEVICE_CERT:
        return "the PEM text of the device's certificate, and below it those of the CAs between it "
               "and the root, if there are any";
    case SLOT_DEVICE_KEY:
    case SLOT_COUNT:
        break;
    }
    return "the PEM text of the device's private key, not encrypted";
}

/* False when memory runs out. */
static bool add_row(struct sheet *sheet, const struct check *c, struct sheet_row row,
                    const char *value)
{
    row.value = str_copy(value);
    sheet_add_notes(&row, c);
    sheet->rows[sheet->count++] = row;
    return row.value != NULL || value == NULL;
}

int sheet_make(const struct job *job, struct sheet *out, struct err *err)
{
    struct findings ignored = {0};
    struct check c = check_begin(job, 0, &ignored);
    bool good = true;

    *out = (struct sheet){0};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        enum setting setting = fields[i].setting;

        good &= add_row(out, &c,
                        (struct sheet_row){
                            .label = fields[i].label,
                            .setting = (int)setting,
                            .slot = -1,
                            .what = setting == SETTING_PASSWORD ? what_of_password(&c) : NULL,
                        },
                        value_of(job, setting));
    }
    for (enum slot slot = 0; slot < SLOT_COUNT; slot++)
        good &= add_row(out, &c,
                        (struct sheet_row){
                            .label = boxes[slot],
                            .setting = -1,
                            .slot = (int)slot,
                            .what = what_of(&c, slot),
                        },
                        job->credentials[slot].path);
    if (good)
        return 0;
    sheet_reset(out);
    return err_set(err, ERR_NOMEM, "out of memory");
}

void sheet_reset(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++)
        free(sheet->rows[i].value);
    *sheet = (struct sheet){0};
}
