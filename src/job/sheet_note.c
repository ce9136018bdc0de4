/* SPDX-License-Identifier: MIT */
#include "job/sheet_part.h"

#include "job/preset.h"

/* Where the two documents that people work from and today's facts differ. One sentence each. */

enum {
    PUBLIC = 1 << CLOUD_AZURE,
    SOVEREIGN = 1 << CLOUD_AZURE_SOVEREIGN,
    AZURE = PUBLIC | SOVEREIGN,
    AWS = 1 << CLOUD_AWS,
    ANY = AZURE | AWS | 1 << CLOUD_OTHER
};

static const struct row {
    int setting, slot; /* one of them is -1 */
    int clouds;
    struct sheet_note note;
} notes[] = {
    {SETTING_BROKER,
     -1,
     ANY,
     {SHEET_GUIDE, "The field is called Broker IP, but it takes the host name: TLS holds the name "
                   "against the server's certificate, and an address would fail."}},
    {SETTING_CLIENT_ID, -1, AZURE, {SHEET_TODAY, "It is the device ID exactly: case counts."}},
    {SETTING_USERNAME,
     -1,
     AZURE,
     {SHEET_GUIDE, "The guide begins it with the hub's short name and ends it with "
                   "api-version=2018-06-30; the documentation has the hub's full host name "
                   "and " AZURE_API_VERSION "."}},
    {SETTING_USERNAME,
     -1,
     AZURE,
     {SHEET_ARTICLE, "The article leaves out /?api-version=...; the documentation asks for it "
                     "always, to be spared surprises."}},
    {SETTING_USERNAME,
     -1,
     AWS,
     {SHEET_TODAY, "AWS IoT needs no user name with a certificate: leave the field empty."}},
    {SETTING_PASSWORD,
     -1,
     AZURE,
     {SHEET_ARTICLE, "The article says that the token is made with the policy iothubowner; az uses "
                     "the device's own key, and so does comcert sas."}},
    {SETTING_TOPIC, -1, AZURE, {SHEET_TODAY, "The slash at its end belongs to it."}},
    {SETTING_TOPIC,
     -1,
     AWS,
     {SHEET_TODAY, "No topic follows from a device's name: it must be one on which the policy of "
                   "its certificate allows iot:Publish."}},
    {-1,
     SLOT_SERVER_CA,
     PUBLIC,
     {SHEET_GUIDE,
      "The \"Digicert CA\" that the guide links was Baltimore CyberTrust Root, which "
      "expired on 2025-05-12; hubs now come from DigiCert Global Root G2, which is not "
      "DigiCert Global Root CA."}},
    {-1,
     SLOT_SERVER_CA,
     AZURE,
     {SHEET_GUIDE, "The certificate in the guide's terminal example is Amazon Root CA 1 with "
                   "characters changed and lost: no hub can be validated with it."}},
    {-1,
     SLOT_SERVER_CA,
     PUBLIC,
     {SHEET_ARTICLE, "The article saves Baltimore CyberTrust Root from the portal's page: it has "
                     "expired, and the portal's root need not be the hub's."}},
    {-1,
     SLOT_SERVER_CA,
     SOVEREIGN,
     {SHEET_TODAY, "This hub is in a sovereign cloud, which did not take part in the move to "
                   "DigiCert Global Root G2: ask its operator which root is in use."}},
    {-1,
     SLOT_SERVER_CA,
     AWS,
     {SHEET_GUIDE, "The certificate in the guide's terminal example is this root, but with "
                   "characters changed and lost: take a fresh copy."}},
    {-1,
     SLOT_DEVICE_CERT,
     AZURE,
     {SHEET_GUIDE, "The guide uploads it under Certificates as well, which is the page for CAs: a "
                   "self-signed one is known by the thumbprint that the device is registered with, "
                   "SHA-1 or SHA-256, without colons."}},
    {-1,
     SLOT_DEVICE_CERT,
     AZURE,
     {SHEET_ARTICLE, "The article's openssl x509 -req has no extension file and makes a version 1 "
                     "certificate, without the clientAuth that brokers look for."}},
    {-1,
     SLOT_DEVICE_CERT,
     AWS,
     {SHEET_TODAY, "It must be registered, active, and have a policy attached: else AWS IoT closes "
                   "the connection without an answer."}},
    {-1,
     SLOT_DEVICE_KEY,
     AWS,
     {SHEET_TODAY, "A key that AWS made can be downloaded only once, when it is made."}},
};

/* With a certificate there is no password to speak of. */
static bool is_beside_the_point(const struct row *r, const struct check *c)
{
    return r->setting == SETTING_PASSWORD && c->job->credentials[SLOT_DEVICE_CERT].path != NULL;
}

void sheet_add_notes(struct sheet_row *row, const struct check *c)
{
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        const struct row *r = &notes[i];

        if (r->setting == row->setting && r->slot == row->slot &&
            (r->clouds & (1 << c->cloud)) != 0 && !is_beside_the_point(r, c) &&
            row->note_count < SHEET_NOTES_MAX)
            row->notes[row->note_count++] = r->note;
    }
}
