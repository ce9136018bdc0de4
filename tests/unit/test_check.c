/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/check.h"
#include "job/jobfile.h"
#include "job/preset.h"
#include "pki/pki.h"

#define JOBS  "fixtures/jobs/"
#define PEM   "fixtures/pem/check/"
#define ROOTS "src/pki/roots/"

#define CA    "certificates.server-ca="
#define CERT  "certificates.device-cert="
#define KEY   "certificates.device-key="
#define HOST  "my-hub.azure-devices.net"
#define USER  "mqtt.username=" HOST
#define TOPIC "mqtt.topic=devices/pump-7"

/* 2026-11-22 */
static const time_t now = 1795305600;

/* Everything about a job file with some keys set otherwise. */
static void judge(const char *file, const char *const *set, struct job *job, struct findings *f)
{
    const struct passphrase_source nobody = {0};
    struct err err;
    size_t n = 0;

    while (set != NULL && set[n] != NULL)
        n++;
    *f = (struct findings){0};
    job_init(job);
    if (jobfile_read(file, set, n, job, f) != 0)
        fail_msg("%s %s: %s", file, n > 0 ? set[0] : "", f->items[0].what);
    assert_int_equal(preset_apply(job, &err), 0);
    (void)job_load_credentials(job, &nobody, f);
    check_job(job, now, f);
    assert_false(f->lost);
}

static void print(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        print_error("  %s %s [%s:%d] %s | %s\n", severity_name(f->items[i].severity),
                    f->items[i].code, f->items[i].key != NULL ? f->items[i].key : "-",
                    f->items[i].line, f->items[i].what,
                    f->items[i].remedy != NULL ? f->items[i].remedy : "-");
}

enum { ABSENT = -1, N = SEVERITY_NOTE, W = SEVERITY_WARNING, E = SEVERITY_ERROR };

struct row {
    const char *set[5];
    const char *code;
    int severity;
    const char *words; /* in what or remedy; NULL: none in particular */
    const char *key;   /* NULL: not looked at */
};

/* The job has (or, if ABSENT, has not) this finding. */
static void assert_row(const char *file, const struct row *row)
{
    struct job job;
    struct findings f;
    const struct finding *got = NULL;
    bool ok;

    judge(file, row->set, &job, &f);
    for (size_t i = 0; i < f.count && got == NULL; i++) {
        if (strcmp(f.items[i].code, row->code) == 0 &&
            (row->words == NULL || strstr(f.items[i].what, row->words) != NULL ||
             (f.items[i].remedy != NULL && strstr(f.items[i].remedy, row->words) != NULL)))
            got = &f.items[i];
    }
    ok = row->severity == ABSENT ? got == NULL
                                 : got != NULL && (int)got->severity == row->severity &&
                                       (row->key == NULL || strcmp(got->key, row->key) == 0);
    if (!ok) {
        print_error("%s %s: want %s\n", file, row->set[0] != NULL ? row->set[0] : "", row->code);
        print(&f);
        fail();
    }
    job_reset(&job);
    findings_reset(&f);
}

#define ASSERT_ROWS(file, rows)                                                                    \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    assert_row(file, &(rows)[i])

static void assert_clean(const char *file)
{
    struct job job;
    struct findings f;

    judge(file, NULL, &job, &f);
    if (f.count > 0 && findings_worst(&f) > SEVERITY_NOTE) {
        print_error("%s\n", file);
        print(&f);
        fail();
    }
    job_reset(&job);
    findings_reset(&f);
}

/* What is right draws neither error nor warning. */
static void test_good_jobs(void **state)
{
    (void)state;
    assert_clean(JOBS "pump-7.cfg");
    assert_clean(JOBS "ca-signed.cfg");
    assert_clean(JOBS "aws.cfg");
    assert_clean(JOBS "other.cfg");
}

static void test_mismatch(void **state)
{
    struct job job;
    struct findings f;

    (void)state;
    judge(JOBS "mismatch.cfg", NULL, &job, &f);
    assert_int_equal(findings_count(&f, SEVERITY_ERROR), 1);
    assert_string_equal(findings_get(&f, "key-mismatch")->file, JOBS "mismatch.cfg");
    assert_string_equal(findings_get(&f, "key-mismatch")->key, "certificates.device-key");
    assert_int_equal(findings_get(&f, "key-mismatch")->line, 7);
    job_reset(&job);
    findings_reset(&f);
}

static void test_device_cert(void **state)
{
    static const struct row rows[] = {
        {{CERT PEM "expired.crt"}, "cert-expired", E, "2021-01-01", "certificates.device-cert"},
        {{CERT PEM "chain-expired.crt"}, "cert-expired", E, "intermediate", NULL},
        {{CERT PEM "future.crt"}, "cert-not-yet-valid", E, "2030-01-01", NULL},
        {{CERT PEM "soon.crt"}, "cert-expires-soon", W, "2026-12-01", NULL},
        {{CERT PEM "year.crt"}, "cert-expires", N, "2027-06-01", NULL},
        {{CERT PEM "chain.crt"}, "cert-expires", ABSENT, NULL, NULL},
        {{CERT PEM "fresh.crt"}, "cert-fresh", W, "clock", NULL},
        {{CERT PEM "pump-8.crt"}, "cn-mismatch", E, "\"pump-8\"", NULL},
        {{CERT PEM "case.crt"}, "cn-mismatch", E, "case and blanks", NULL},
        {{CERT PEM "no-cn.crt"}, "cn-missing", E, NULL, NULL},
        {{CERT PEM "self-8.crt"}, "cn-mismatch", N, "thumbprint", NULL},
        {{CERT PEM "self.crt"}, "cn-mismatch", ABSENT, NULL, NULL},
        {{CERT PEM "self.crt"}, "azure-thumbprint", N, "SHA-1", NULL},
        {{CERT PEM "self.crt"}, "chain-incomplete", ABSENT, NULL, NULL},
        {{NULL}, "azure-ca-signed", N, "Example Devices", NULL},
        {{CERT PEM "server.crt"}, "eku-no-client", W, "serverAuth", NULL},
        {{CERT PEM "agreement.crt"}, "key-usage", W, NULL, NULL},
        {{CERT PEM "marked-ca.crt"}, "cert-is-ca", W, NULL, NULL},
        {{CERT PEM "self-ca.crt"}, "cert-is-ca", N, NULL, NULL},
        {{CERT PEM "v1.crt"}, "cert-v1", N, NULL, NULL},
        {{CERT PEM "v1.crt"}, "eku-no-client", ABSENT, NULL, NULL},
        {{CERT PEM "sha1.crt"}, "sig-weak", W, "SHA1", NULL},
        {{CERT PEM "damaged.crt"}, "cert-signature", E, "damaged", NULL},
        {{CERT PEM "rsa1024.crt"}, "key-weak", E, "RSA 1024", NULL},
        {{CERT PEM "rsa3072.crt"}, "key-large", N, "RSA 3072", NULL},
        {{CERT PEM "p384.crt"}, "key-large", N, "P-384", NULL},
        {{CERT PEM "ed25519.crt"}, "key-unsupported", E, "Ed25519", NULL},
        {{CERT PEM "explicit.crt"}, "key-unsupported", E, "curve", NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_chain(void **state)
{
    static const struct row rows[] = {
        {{CERT PEM "pump-7.crt"}, "chain-incomplete", W, "Example Devices", NULL},
        {{CERT PEM "chain-order.crt"}, "chain-order", N, NULL, NULL},
        {{CERT PEM "chain-order.crt"}, "key-mismatch", ABSENT, NULL, NULL},
        {{CERT PEM "chain-root.crt"}, "chain-root", N, NULL, NULL},
        {{CERT PEM "chain-broken.crt"}, "chain-broken", E, NULL, NULL},
        {{CERT PEM "chain-extra.crt"}, "chain-extra", W, "1 of the 3", NULL},
    };
    static const struct row other[] = {
        {{CERT PEM "pump-7.crt"}, "chain-incomplete", N, NULL, NULL},
        {{CERT PEM "by-ca.crt"}, "chain-incomplete", ABSENT, NULL, NULL},
        {{CERT PEM "pump-8.crt"}, "cn-mismatch", ABSENT, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
    ASSERT_ROWS(JOBS "other.cfg", other);
}

static void test_slots(void **state)
{
    static const struct row rows[] = {
        {{CA PEM "pump-7.key"}, "wrong-slot", E, "belongs to device-key", "certificates.server-ca"},
        {{CERT PEM "pump-7.key"}, "wrong-slot", E, "private key", "certificates.device-cert"},
        {{CERT ROOTS "amazon-root-ca-1.pem"}, "wrong-slot", E, "Amazon Root CA 1", NULL},
        {{KEY PEM "chain.crt"}, "wrong-slot", E, "no key", "certificates.device-key"},
        {{CERT PEM "pump-7.key", KEY PEM "chain.crt"}, "wrong-slot", E, "swap them", NULL},
        {{CA PEM "chain.crt"}, "root-is-device-cert", E, NULL, NULL},
        {{CA PEM "pump-8.crt"}, "root-not-ca", E, NULL, NULL},
        {{CA PEM "ca-and-key.pem"}, "key-in-ca-file", W, NULL, NULL},
        {{CERT PEM "inter.crt"}, "wrong-slot", E, "CA's certificate", "certificates.device-cert"},
        {{CERT PEM "inter.crt"}, "key-mismatch", ABSENT, NULL, NULL},
        {{CERT PEM "pump-8.crt", KEY "fixtures/pem/pump-7.key"},
         "key-mismatch",
         E,
         NULL,
         "certificates.device-key"},
        {{KEY PEM "ca-and-key.pem"}, "key-mismatch", E, NULL, NULL},
        {{CA PEM "ca.crt", KEY PEM "ca-and-key.pem"},
         "key-mismatch",
         E,
         "key of the server CA",
         NULL},
        {{CERT PEM "none.crt"}, "file-missing", E, NULL, "certificates.device-cert"},
        {{CERT PEM "none.crt"}, "key-without-cert", ABSENT, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_azure_root(void **state)
{
    static const struct row rows[] = {
        {{NULL}, "root-extra-missing", N, "Microsoft RSA Root CA 2017", NULL},
        {{CA PEM "azure-both.pem"}, "root-extra-missing", ABSENT, NULL, NULL},
        {{CA PEM "azure-second.pem"}, "root-order", W, NULL, NULL},
        {{CA PEM "azure-second.pem"}, "root-wrong-cloud", ABSENT, NULL, NULL},
        {{CA ROOTS "microsoft-rsa-root-ca-2017.pem"}, "root-extra-missing", W, "G2", NULL},
        {{CA ROOTS "baltimore-cybertrust-root.pem"}, "root-obsolete", E, "2025-05-12", NULL},
        {{CA ROOTS "baltimore-cybertrust-root.pem"}, "root-expired", ABSENT, NULL, NULL},
        {{CA ROOTS "digicert-global-root-ca.pem"}, "root-lookalike", E, "Global Root G2", NULL},
        {{CA ROOTS "amazon-root-ca-1.pem"}, "root-wrong-cloud", E, "Azure IoT Hub", NULL},
        {{CA ROOTS "isrg-root-x1.pem"}, "root-wrong-cloud", E, NULL, NULL},
        {{CA PEM "ca.crt", CERT PEM "self.crt"},
         "root-unknown",
         W,
         "Load DigiCert",
         "certificates.server-ca"},
        {{CA PEM "ca.crt"}, "root-is-device-ca", E, NULL, NULL},
        {{CA PEM "ca.crt", CERT PEM "by-ca.crt"}, "root-is-device-ca", E, "Load DigiCert", NULL},
        {{CA PEM "ca.crt", CERT PEM "by-ca.crt", "mqtt.broker=gw.example"},
         "root-is-device-ca",
         ABSENT,
         NULL,
         NULL},
        {{CA PEM "azure-old.pem"}, "root-obsolete", W, NULL, NULL},
        {{CA PEM "azure-old.pem"}, "root-order", W, NULL, NULL},
        {{CA PEM "inter.crt"}, "root-unknown", ABSENT, NULL, NULL},
        {{CA PEM "ca-old.crt"}, "root-unknown", ABSENT, NULL, NULL},
        {{CA PEM "ca-old.crt"}, "root-expired", E, "2020-01-01", NULL},
        {{CA PEM "ca-future.crt"}, "root-not-yet-valid", E, "2030-01-01", NULL},
        {{CA PEM "inter.crt"}, "root-not-self-issued", W, NULL, NULL},
        {{CA PEM "damaged.crt"}, "cert-signature", E, NULL, "certificates.server-ca"},
        {{CA PEM "broker.crt"}, "root-not-ca", E, NULL, NULL},
        /* before a gateway, or in another cloud, it may be right */
        {{CA ROOTS "amazon-root-ca-1.pem", "mqtt.broker=gw.example"},
         "root-wrong-cloud",
         W,
         NULL,
         NULL},
        {{CA ROOTS "digicert-global-root-ca.pem", "mqtt.hub=my-hub.azure-devices.us"},
         "root-lookalike",
         ABSENT,
         NULL,
         NULL},
        {{"mqtt.hub=my-hub.azure-devices.us"}, "root-sovereign", N, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_azure_host(void **state)
{
    static const struct row rows[] = {
        {{"mqtt.hub=my_hub"}, "azure-hub-name", E, "letters, digits", "mqtt.hub"},
        {{"mqtt.hub=-hub"}, "azure-hub-name", E, NULL, NULL},
        {{"mqtt.hub=ab"}, "azure-hub-name", E, NULL, NULL},
        {{"mqtt.broker=my-hub"}, "azure-host", E, "my-hub.azure-devices.net", "mqtt.broker"},
        {{"mqtt.hub=my-hub.service.azure-devices.net"}, "azure-host", E, "services", "mqtt.hub"},
        {{"mqtt.hub=my-hub.device.azure-devices.net"}, "azure-host", N, "SNI", NULL},
        {{"mqtt.hub=a.my-hub.azure-devices.net"}, "azure-host", E, "one part", NULL},
        {{"mqtt.broker=my-hub.azure-device.net"},
         "azure-host",
         W,
         "my-hub.azure-devices.net?",
         NULL},
        {{"mqtt.broker=gw.example"}, "azure-host", W, "gateway", NULL},
        {{"mqtt.broker=mqtts://" HOST}, "broker-scheme", E, "mqtts://", NULL},
        {{"mqtt.broker=" HOST ":8883"}, "broker-port-in-host", E, NULL, NULL},
        {{"mqtt.broker=" HOST "/x"}, "broker-form", E, NULL, NULL},
        {{"mqtt.broker=my hub.azure-devices.net"}, "broker-form", E, NULL, NULL},
        {{"mqtt.hub=MY-HUB.Azure-Devices.NET"}, "azure-host", ABSENT, NULL, NULL},
        {{"mqtt.hub=my-hub.azure-devices.us"}, "azure-sovereign", N, NULL, NULL},
        {{"mqtt.port=1883"}, "azure-port", E, "1883", "mqtt.port"},
        {{"mqtt.port=443"}, "azure-port", W, "WebSocket", NULL},
        {{"mqtt.port=1883", "mqtt.broker=gw.example"}, "azure-port", W, NULL, NULL},
        {{"mqtt.tls=false"}, "tls-off", E, NULL, "mqtt.tls"},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_azure_ids(void **state)
{
    static const struct row rows[] = {
        {{"mqtt.client-id=pump-8"}, "azure-client-id", E, "\"pump-7\"", "mqtt.client-id"},
        {{"mqtt.client-id=Pump-7"}, "azure-client-id", E, "case and blanks", NULL},
        {{"mqtt.client-id=pump-7 "}, "azure-client-id", E, "case and blanks", NULL},
        {{"mqtt.client-id=pump-7 "}, "value-blank", W, NULL, "mqtt.client-id"},
        {{"mqtt.client-id=pump-7/temp"}, "azure-module", N, NULL, NULL},
        {{"mqtt.client-id=pump-7/temp/x"}, "azure-client-id", E, NULL, NULL},
        {{"mqtt.device-id=pump 7"}, "device-id-charset", E, NULL, "mqtt.device-id"},
        {{"mqtt.device-id=pump#7"}, "device-id-charset", E, NULL, NULL},
        {{"mqtt.device-id=pump#7"}, "topic-wildcard", ABSENT, NULL, NULL},
        {{"mqtt.device-id=pump/7"}, "device-id-charset", E, NULL, NULL},
        {{"mqtt.device-id=pump*7"}, "device-id-special", W, "ends a file upload", NULL},
        {{"mqtt.device-id=pump,7"}, "device-id-special", W, NULL, NULL},
        {{"mqtt.device-id=0123456789012345678901234567890123456789012345678901234567890123"},
         "device-id-length",
         ABSENT,
         NULL,
         NULL},
        {{"mqtt.device-id=01234567890123456789012345678901234567890123456789012345678901234"},
         "device-id-length",
         W,
         "65",
         NULL},
        {{"mqtt.device-id="
          "0123456789012345678901234567890123456789012345678901234567890123456789"
          "0123456789012345678901234567890123456789012345678901234567890123456789"},
         "device-id-length",
         E,
         "140",
         NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_azure_username(void **state)
{
    static const struct row rows[] = {
        {{USER "/pump-7/?api-version=2021-04-12"}, "azure-username", ABSENT, NULL, NULL},
        {{USER "/pump-7/?api-version=2021-04-12&DeviceClientType=x"},
         "azure-username",
         ABSENT,
         NULL,
         NULL},
        {{"mqtt.username=MY-HUB.azure-devices.net/pump-7/?api-version=2021-04-12"},
         "azure-username",
         ABSENT,
         NULL,
         NULL},
        {{"mqtt.username=my-hub/pump-7/?api-version=2018-06-30"},
         "azure-username",
         E,
         "Write \"" HOST "/pump-7/?api-version=2021-04-12\"",
         "mqtt.username"},
        {{"mqtt.username=other.azure-devices.net/pump-7/?api-version=2021-04-12"},
         "azure-username",
         E,
         "another host",
         NULL},
        {{"mqtt.username=https://" HOST "/pump-7/?api-version=2021-04-12"},
         "azure-username",
         E,
         "scheme",
         NULL},
        {{USER ":8883/pump-7/?api-version=2021-04-12"}, "azure-username", E, "port", NULL},
        {{"mqtt.username=pump-7"}, "azure-username", E, "form", NULL},
        {{USER "/pump-8/?api-version=2021-04-12"}, "azure-username", E, "\"pump-8\"", NULL},
        {{USER "/PUMP-7/?api-version=2021-04-12"}, "azure-username", E, "case", NULL},
        {{USER "/pump-7?api-version=2021-04-12"}, "azure-username", E, NULL, NULL},
        {{USER "/pump-7/api-version=2016-11-14"}, "azure-username", W, "2016", NULL},
        {{USER "/pump-7/?version=1"}, "azure-username", E, "does not end", NULL},
        {{USER "/pump-7/mod/?api-version=2021-04-12"}, "azure-username", ABSENT, NULL, NULL},
        {{USER "/registrations/pump-7/api-version=2019-03-31"},
         "azure-username",
         E,
         "Provisioning",
         NULL},
        {{"mqtt.username=0ne00/registrations/pump-7/api-version=2019-03-31"},
         "azure-username",
         E,
         NULL,
         NULL},
        {{USER "/pump-7"}, "azure-api-version", W, "no api-version", NULL},
        {{USER "/pump-7/"}, "azure-api-version", W, NULL, NULL},
        {{USER "/pump-7/?api-version=2018-06-30"}, "azure-api-version", N, "2018", NULL},
        {{USER "/pump-7/?api-version=2020-09-30"}, "azure-api-version", ABSENT, NULL, NULL},
        {{USER "/pump-7/?api-version=2021-4-12"}, "azure-api-version", E, NULL, NULL},
        {{USER "/pump-7/?api-version="}, "azure-api-version", E, NULL, NULL},
        {{USER "/pump-7/?api-version=2021-04-12 "}, "azure-api-version", E, NULL, NULL},
        {{USER "/pump-7/?api-version=2025-08-01-preview"}, "azure-api-version", W, NULL, NULL},
        {{USER "/pump-7/?api-version=2020-10-01-preview"}, "azure-api-version", E, "MQTT 5", NULL},
        {{"mqtt.broker=my-hub.device.azure-devices.net"},
         "azure-username-host",
         ABSENT,
         NULL,
         NULL},
        {{"mqtt.broker=my-hub.device.azure-devices.net", USER "/pump-7/?api-version=2021-04-12"},
         "azure-username-host",
         N,
         NULL,
         NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_azure_topic(void **state)
{
    static const struct row rows[] = {
        {{TOPIC "/messages/events/"}, "azure-topic", ABSENT, NULL, NULL},
        {{TOPIC "/messages/events/$.ct=application%2Fjson"}, "azure-topic", ABSENT, NULL, NULL},
        {{TOPIC "/modules/m/messages/events/"}, "azure-topic", ABSENT, NULL, NULL},
        {{"mqtt.topic=$iothub/twin/PATCH/properties/reported/"}, "azure-topic", ABSENT, NULL, NULL},
        {{TOPIC "/messages/events"}, "azure-topic", W, "lacks the /", "mqtt.topic"},
        {{"mqtt.topic=devices/pump-8/messages/events/"}, "azure-topic", E, "another device", NULL},
        {{"mqtt.topic=devices/pump-77/messages/events/"}, "azure-topic", E, "another device", NULL},
        {{TOPIC "/messages/devicebound/"}, "azure-topic", E, "to the device", NULL},
        {{TOPIC "/messages/eventsx"}, "azure-topic", E, "no such topic", NULL},
        {{TOPIC}, "azure-topic", E, NULL, NULL},
        {{"mqtt.topic=/devices/pump-7/messages/events/"}, "azure-topic", E, "general", NULL},
        {{"mqtt.topic=test/topic"}, "azure-topic", E, "general broker", NULL},
        {{TOPIC "/messages/#"}, "topic-wildcard", E, NULL, "mqtt.topic"},
        {{"mqtt.topic=a/+/b"}, "topic-wildcard", E, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

/* Judges a job whose password file holds this text; the text must not be in any finding. */
static void judge_password(const char *job_file, const char *text, struct job *job,
                           struct findings *f)
{
    char path[] = "/tmp/comcert-password-XXXXXX";
    char assignment[64];
    const char *set[] = {assignment, NULL};
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    snprintf(assignment, sizeof assignment, "mqtt.password-file=%s", path);
    judge(job_file, set, job, f);
    unlink(path);
    for (size_t i = 0; i < f->count; i++) {
        assert_null(strstr(f->items[i].what, "c2lnbmF0dXJl"));
        assert_null(f->items[i].remedy != NULL ? strstr(f->items[i].remedy, "c2lnbmF0dXJl") : NULL);
    }
}

static void test_azure_password(void **state)
{
#define SAS     "SharedAccessSignature sr=" HOST "%2Fdevices%2F"
#define SIG     "&sig=c2lnbmF0dXJl%3D"
#define NEVER   "&se=1900000000"
#define KEY_B64 "c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmE="
    static const struct {
        const char *text, *code;
        int severity;
        const char *words;
    } rows[] = {
        {SAS "pump-7" SIG NEVER, "azure-password", ABSENT, NULL},
        {SAS "pump-7" SIG NEVER "\r\n", "azure-password", ABSENT, NULL},
        {"SharedAccessSignature sig=c2lnbmF0dXJl&se=1900000000&sr=MY-HUB.azure-devices.net/devices/"
         "pump-7",
         "azure-password", ABSENT, NULL},
        {SAS "pump-7%2Fmodules%2Fm" SIG NEVER, "azure-password", ABSENT, NULL},
        {SAS "pump-7" SIG "&se=1795305599", "azure-password", E, "expired on 2026-11-21"},
        {SAS "pump-7" SIG "&se=1795309200", "azure-password-expires", W, "2026-11-22"},
        {SAS "pump-8" SIG NEVER, "azure-password", E, "another device"},
        {SAS "pump-77" SIG NEVER, "azure-password", E, "another device"},
        {"SharedAccessSignature sr=x.azure-devices.net%2Fdevices%2Fpump-7" SIG NEVER,
         "azure-password", E, "another hub"},
        {SAS "pump-7" SIG NEVER "&skn=iothubowner", "azure-password-policy", W, NULL},
        {SAS "pump-7" NEVER, "azure-password", E, "part is missing"},
        {SAS "pump-7" SIG, "azure-password", E, "part is missing"},
        {SAS "pump-7" SIG "&se=soon", "azure-password", E, "not a number"},
        {"HostName=" HOST ";DeviceId=pump-7;SharedAccessKey=" KEY_B64, "azure-password", E,
         "connection string"},
        {KEY_B64, "azure-password", E, "device's key"},
        {"secret-c2lnbmF0dXJl", "azure-password", E, "not a token"},
        {SAS "pump-7" SIG NEVER " ", "value-blank", W, NULL},
        {"\xEF\xBB\xBF" SAS "pump-7" SIG NEVER, "password-bom", N, NULL},
        {"\xEF\xBB\xBF" SAS "pump-7" SIG NEVER, "azure-password", ABSENT, NULL},
        {"\n", "password-unreadable", E, "empty"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct job job;
        struct findings f;
        const struct finding *got;

        judge_password(JOBS "azure-password.cfg", rows[i].text, &job, &f);
        got = findings_get(&f, rows[i].code);
        if ((rows[i].severity == ABSENT) != (got == NULL) ||
            (got != NULL &&
             ((int)got->severity != rows[i].severity ||
              (rows[i].words != NULL && strstr(got->what, rows[i].words) == NULL)))) {
            print_error("row %zu\n", i);
            print(&f);
            fail();
        }
        job_reset(&job);
        findings_reset(&f);
    }
}

static void test_azure_login(void **state)
{
    static const struct row rows[] = {
        {{NULL}, "azure-no-login", W, NULL, NULL},
        {{"mqtt.password-file=/nonexistent"}, "password-unreadable", E, NULL, "mqtt.password-file"},
        {{"mqtt.password-file=fixtures/jobs/other.cfg"}, "password-readable", W, NULL, NULL},
        {{KEY PEM "pump-7.key"}, "key-without-cert", W, NULL, NULL},
        {{CERT PEM "chain.crt"}, "cert-without-key", W, NULL, NULL},
    };
    struct job job;
    struct findings f;

    (void)state;
    ASSERT_ROWS(JOBS "azure-password.cfg", rows);
    judge_password(JOBS "ca-signed.cfg", "x", &job, &f);
    assert_int_equal(findings_get(&f, "azure-password")->severity, SEVERITY_ERROR);
    assert_non_null(strstr(findings_get(&f, "azure-password")->what, "beside the certificate"));
    job_reset(&job);
    findings_reset(&f);
}

static void test_aws(void **state)
{
#define ATS "mqtt.broker=abc-ats.iot.eu-west-1.amazonaws.com"
    static const struct row rows[] = {
        {{"mqtt.broker=abc.iot.eu-west-1.amazonaws.com"}, "aws-endpoint", W, "-ats", "mqtt.broker"},
        {{"mqtt.broker=abc.credentials.iot.eu-west-1.amazonaws.com"},
         "aws-endpoint",
         E,
         NULL,
         NULL},
        {{"mqtt.broker=s3.amazonaws.com"}, "aws-endpoint", E, "not an IoT", NULL},
        {{"mqtt.broker=abc-ats"}, "aws-endpoint", E, "full host name", NULL},
        {{"mqtt.broker=iot.example"}, "aws-endpoint", W, "own", NULL},
        {{ATS}, "aws-endpoint", ABSENT, NULL, NULL},
        {{"mqtt.port=443"}, "aws-port", W, "ALPN", NULL},
        {{"mqtt.port=8443"}, "aws-port", E, "8443", NULL},
        {{"mqtt.tls=false"}, "tls-off", E, "AWS", NULL},
        {{"mqtt.client-id=$pump"}, "aws-client-id", E, "begins with $", NULL},
        {{"mqtt.client-id="
          "0123456789012345678901234567890123456789012345678901234567890123456789"
          "0123456789012345678901234567890123456789012345678901234567890123456789"},
         "aws-client-id",
         E,
         "140",
         NULL},
        {{"mqtt.client-id=other"}, "aws-thing-name", N, NULL, NULL},
        {{"mqtt.username=me"}, "aws-username", N, NULL, NULL},
        {{"mqtt.topic=a/b/c/d/e/f/g/h"}, "aws-topic", ABSENT, NULL, NULL},
        {{"mqtt.topic=a/b/c/d/e/f/g/h/i"}, "aws-topic", E, "8 slashes", NULL},
        {{"mqtt.topic=a/#"}, "topic-wildcard", E, NULL, NULL},
        {{CA ROOTS "digicert-global-root-g2.pem"}, "root-wrong-cloud", E, "AWS", NULL},
        {{CA ROOTS "digicert-global-root-g2.pem", "mqtt.broker=iot.example"},
         "root-wrong-cloud",
         W,
         NULL,
         NULL},
        {{CA ROOTS "amazon-root-ca-3.pem"}, "root-wrong-cloud", ABSENT, NULL, NULL},
        {{CA PEM "ca.crt", CERT PEM "self.crt"}, "root-unknown", W, "Amazon Root CA 1", NULL},
        {{CA PEM "ca.crt", CERT PEM "by-ca.crt"}, "root-is-device-ca", E, NULL, NULL},
        {{CERT PEM "pump-8.crt"}, "cn-mismatch", ABSENT, NULL, NULL},
        {{NULL}, "azure-ca-signed", ABSENT, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "aws.cfg", rows);
}

static void test_any_broker(void **state)
{
    static const struct row rows[] = {
        {{"mqtt.broker=mqtt://b.example"}, "broker-scheme", W, NULL, "mqtt.broker"},
        {{"mqtt.broker=b.example:8883"}, "broker-port-in-host", W, NULL, NULL},
        {{"mqtt.broker=b .example"}, "broker-form", E, NULL, NULL},
        {{"mqtt.broker=192.0.2.7"}, "broker-ip", W, NULL, NULL},
        {{"mqtt.broker=2001:db8::1"}, "broker-ip", W, NULL, NULL},
        {{"mqtt.broker=192.0.2.7", "mqtt.tls=false"}, "broker-ip", ABSENT, NULL, NULL},
        {{"mqtt.broker=localhost"}, "broker-local", W, NULL, NULL},
        {{"mqtt.broker=127.0.0.1"}, "broker-local", W, NULL, NULL},
        {{"mqtt.broker=short"}, "broker-form", ABSENT, NULL, NULL},
        {{"mqtt.port=1883"}, "broker-port-tls", W, "TLS is on", "mqtt.port"},
        {{"mqtt.port=8883", "mqtt.tls=false"}, "broker-port-tls", W, "TLS is off", NULL},
        {{"mqtt.tls=false"}, "tls-off", W, "will not be used", NULL},
        {{"mqtt.topic=a/+/b"}, "topic-wildcard", E, NULL, NULL},
        {{"mqtt.client-id= x"}, "value-blank", W, "Client ID", NULL},
        {{"mqtt.username=x "}, "value-blank", W, "Username", NULL},
        {{"mqtt.username=x\t"}, "value-unsafe", E, "Username", "mqtt.username"},
        {{"mqtt.username=p\xC3\xBCmp"}, "value-non-ascii", W, NULL, "mqtt.username"},
        {{"mqtt.client-id=\xE2\x80\x8Epump"}, "value-non-ascii", W, "\\u{200E}", NULL},
        {{"mqtt.password-file=x"}, "password-without-username", E, NULL, NULL},
        {{CA PEM "broker.crt"}, "root-not-ca", W, "not marked", NULL},
        {{CA ROOTS "baltimore-cybertrust-root.pem"}, "root-obsolete", E, NULL, NULL},
        {{CA ROOTS "isrg-root-x1.pem"}, "root-unknown", ABSENT, NULL, NULL},
        /* an Azure or AWS host is judged as one, preset or not */
        {{"mqtt.broker=" HOST, "mqtt.port=1883"}, "azure-port", E, NULL, NULL},
        {{"mqtt.broker=abc.iot.eu-west-1.amazonaws.com"}, "aws-endpoint", W, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "other.cfg", rows);
}

/* Whether or not the profile has a command for it. */
static void test_control(void **state)
{
    static const char *const azure[] = {"mqtt.hub",       "mqtt.device-id", "mqtt.broker",
                                        "mqtt.client-id", "mqtt.username",  "mqtt.topic"};
    static const char *const wrong[] = {
        "x\r9270,12\x1b[31m", "x\n", "\x1b[31mx", "x\ty", "x\x7F", "\x01"};
    struct job job;
    struct findings f;

    (void)state;
    for (size_t k = 0; k < sizeof azure / sizeof *azure; k++) {
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            char text[128];
            const char *const set[] = {text, NULL};
            size_t found = 0;

            snprintf(text, sizeof text, "%s=%s", azure[k], wrong[i]);
            judge(JOBS "pump-7.cfg", set, &job, &f);
            for (size_t n = 0; n < f.count; n++) {
                if (strcmp(f.items[n].code, "value-unsafe") == 0) {
                    found++;
                    assert_string_equal(f.items[n].key, azure[k]);
                    assert_int_equal(f.items[n].severity, SEVERITY_ERROR);
                    assert_null(strstr(f.items[n].what, "9270"));
                }
            }
            assert_int_equal(found, 1);
            job_reset(&job);
            findings_reset(&f);
        }
    }
    job_init(&job);
    f = (struct findings){0};
    assert_int_equal(secret_set(&job.password, "Ses\rame", 7, NULL), 0);
    check_job(&job, now, &f);
    assert_string_equal(findings_get(&f, "value-unsafe")->key, "mqtt.password-file");
    assert_null(strstr(findings_get(&f, "value-unsafe")->what, "Ses"));
    job_reset(&job);
    findings_reset(&f);
}

/* The root in the vendor's guide: damaged, and of the other cloud. */
static void test_damaged_root(void **state)
{
    static const char guide[] = CA "fixtures/pem/vendor-guide-example.pem";
    static const struct row azure[] = {
        {{guide}, "pem-damaged", E, "can never validate an Azure hub", "certificates.server-ca"},
        {{guide}, "pem-damaged", E, "For Azure, load DigiCert Global Root G2", NULL},
        {{guide},
         "root-wrong-cloud",
         E,
         "is a root of AWS: it can never",
         "certificates.server-ca"},
        {{guide}, "root-wrong-cloud", E, "Load DigiCert Global Root G2.", NULL},
        {{guide, "mqtt.broker=gw.example"}, "root-wrong-cloud", W, NULL, NULL},
    };
    static const struct row aws[] = {
        {{guide}, "pem-damaged", E, "for AWS, get Amazon Root CA 1", NULL},
        {{guide}, "root-wrong-cloud", ABSENT, NULL, NULL},
    };

    (void)state;
    ASSERT_ROWS(JOBS "pump-7.cfg", azure);
    ASSERT_ROWS(JOBS "aws.cfg", aws);
    assert_row(JOBS "other.cfg", &(struct row){{guide}, "root-wrong-cloud", ABSENT, NULL, NULL});
}

static void test_expired_good_root(void **state)
{
    struct job job;
    struct findings f;

    (void)state;
    judge(JOBS "pump-7.cfg", NULL, &job, &f);
    findings_reset(&f);
    check_job(&job, 2682374400 /* 2055-01-01 */, &f);
    assert_non_null(strstr(findings_get(&f, "root-expired")->remedy, "successor"));
    job_reset(&job);
    findings_reset(&f);
}

/* Copies a PEM with one letter changed near the end of its base64: within the signature. */
static void flip_signature(const char *from, const char *to)
{
    char text[8192], *end;
    FILE *in = fopen(from, "r"), *out;
    size_t n;

    assert_non_null(in);
    n = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[n] = '\0';
    end = strstr(text, "-----END");
    assert_non_null(end);
    end[-20] = end[-20] == 'A' ? 'B' : 'A';
    out = fopen(to, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static void test_flipped_signature(void **state)
{
    static const char *const slots[] = {"certificates.server-ca", "certificates.device-cert"};
    static const char *const files[] = {PEM "ca.crt", PEM "self.crt"};
    char path[] = "/tmp/comcert-flipped-XXXXXX", text[128];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < 2; i++) {
        struct row row = {{text}, "cert-signature", E, "does not fit", slots[i]};

        snprintf(text, sizeof text, "%s=%s", slots[i], files[i]);
        row.severity = ABSENT;
        assert_row(JOBS "ca-signed.cfg", &row);
        row.severity = E;
        flip_signature(files[i], path);
        snprintf(text, sizeof text, "%s=%s", slots[i], path);
        assert_row(JOBS "ca-signed.cfg", &row);
    }
    unlink(path);
}

/* One file for two slots is talked about once. */
static void test_told_once(void **state)
{
    static const char *const set[] = {CERT "fixtures/pem/nopass.p12", KEY "fixtures/pem/nopass.p12",
                                      NULL};
    struct job job;
    struct findings f;
    size_t found = 0;

    (void)state;
    judge(JOBS "pump-7.cfg", set, &job, &f);
    for (size_t i = 0; i < f.count; i++)
        found += strcmp(f.items[i].code, "pkcs12-input") == 0;
    if (found != 1)
        print(&f);
    assert_int_equal(found, 1);
    assert_non_null(job.credentials[SLOT_DEVICE_KEY].credential);
    job_reset(&job);
    findings_reset(&f);
}

/* A job put together by hand, as the wizard does while it is being typed. */
static void test_incomplete(void **state)
{
    struct findings f = {0};
    struct job job;
    struct err err;

    (void)state;
    job_init(&job);
    assert_int_equal(preset_apply(&job, &err), 0);
    check_job(&job, now, &f);
    assert_int_equal(f.count, 0);
    job.preset = PRESET_AZURE;
    assert_int_equal(preset_apply(&job, &err), 0);
    check_job(&job, now, &f);
    assert_int_equal(findings_get(&f, "broker-missing")->severity, SEVERITY_ERROR);
    assert_int_equal(findings_get(&f, "device-id-missing")->severity, SEVERITY_ERROR);
    findings_reset(&f);
    job.preset = PRESET_NONE;
    job.settings[SETTING_TOPIC].value = strdup("a");
    assert_int_equal(preset_apply(&job, &err), 0);
    check_job(&job, now, &f);
    assert_int_equal(findings_get(&f, "broker-missing")->severity, SEVERITY_WARNING);
    assert_int_equal(findings_get(&f, "client-id-missing")->severity, SEVERITY_WARNING);
    assert_null(findings_get(&f, "topic-missing"));
    findings_reset(&f);
    job.settings[SETTING_BROKER].value = strdup("b.example");
    assert_int_equal(preset_apply(&job, &err), 0);
    check_job(&job, now, &f);
    assert_int_equal(findings_get(&f, "root-missing")->severity, SEVERITY_WARNING);
    findings_reset(&f);
    job_reset(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_jobs),
        cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_device_cert),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_azure_root),
        cmocka_unit_test(test_azure_host),
        cmocka_unit_test(test_azure_ids),
        cmocka_unit_test(test_azure_username),
        cmocka_unit_test(test_azure_topic),
        cmocka_unit_test(test_azure_password),
        cmocka_unit_test(test_azure_login),
        cmocka_unit_test(test_aws),
        cmocka_unit_test(test_any_broker),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_damaged_root),
        cmocka_unit_test(test_expired_good_root),
        cmocka_unit_test(test_flipped_signature),
        cmocka_unit_test(test_told_once),
        cmocka_unit_test(test_incomplete),
    };
    struct err err;
    int rc;

    /* git keeps no such mode, and a key that others can read is a warning. */
    if (chmod(PEM "pump-7.key", 0600) != 0 || chmod("fixtures/pem/pump-7.key", 0600) != 0)
        return 1;
    if (pki_start(&err) != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    pki_stop();
    return rc;
}
