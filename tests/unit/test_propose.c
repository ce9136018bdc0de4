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

#include "job/job.h"
#include "job/preset.h"
#include "job/propose.h"
#include "pki/pki.h"
#include "pki/root.h"

#define PEM   "fixtures/pem/"
#define CHECK PEM "check/"
#define ROOTS "src/pki/roots/"
#define G2    ROOTS "digicert-global-root-g2.pem"

/* 2026-11-22 */
static const time_t now = 1795305600;

enum kind { AZURE, AZURE_GATEWAY, AWS, OTHER };

/* --- folders ---------------------------------------------------------------------------------- */

static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/comcert-propose-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[96];

    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* "source=name", or the source alone under its own name. */
static void add_file(const char *text)
{
    const char *equals = strchr(text, '=');
    const char *name = equals != NULL ? equals + 1 : strrchr(text, '/') + 1;
    char from[4096], to[512], cwd[2048];

    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(from, sizeof from, "%s/%.*s", cwd,
             equals != NULL ? (int)(equals - text) : (int)strlen(text), text);
    snprintf(to, sizeof to, "%s/%s", folder, name);
    assert_int_equal(access(from, R_OK), 0);
    assert_int_equal(symlink(from, to), 0);
}

static void write_file(const char *name, size_t n, mode_t mode)
{
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)n), 0);
    close(fd);
}

/* --- jobs ------------------------------------------------------------------------------------- */

static void make_job(struct job *job, enum kind kind, const char *id)
{
    static const char *const brokers[] = {
        [AZURE] = "my-hub.azure-devices.net",
        [AZURE_GATEWAY] = "gateway.example",
        [AWS] = "abc-ats.iot.eu-west-1.amazonaws.com",
        [OTHER] = "broker.example",
    };
    struct err err;

    job_init(job);
    job->preset = kind == AZURE || kind == AZURE_GATEWAY ? PRESET_AZURE
                  : kind == AWS                          ? PRESET_AWS
                                                         : PRESET_NONE;
    job->settings[SETTING_BROKER].value = strdup(brokers[kind]);
    if (id != NULL)
        job->device_id = strdup(id);
    assert_int_equal(preset_apply(job, &err), 0);
}

/* --- rows ------------------------------------------------------------------------------------- */

struct row {
    enum kind kind;
    const char *id;
    const char *files[10];
    const char *want[SLOT_COUNT];  /* names; NULL: none */
    const char *words[SLOT_COUNT]; /* in the reason; NULL: none in particular */
};

static const char *name_of(const char *path)
{
    return path != NULL ? strrchr(path, '/') + 1 : "(none)";
}

static bool is_as_wanted(const struct row *row, const struct proposal *p, int slot)
{
    const char *want = row->want[slot] != NULL ? row->want[slot] : "(none)";

    return strcmp(name_of(p->path[slot]), want) == 0 && p->why[slot] != NULL &&
           p->why[slot][0] != '\0' &&
           (row->words[slot] == NULL || strstr(p->why[slot], row->words[slot]) != NULL);
}

static void assert_row(const struct row *row)
{
    struct proposal p;
    struct job job;
    struct err err;
    size_t n = 0;
    bool ok = true;

    make_folder();
    for (; row->files[n] != NULL; n++)
        add_file(row->files[n]);
    make_job(&job, row->kind, row->id);
    assert_int_equal(propose_folder(folder, &job, now, &p, &err), 0);
    assert_int_equal(p.examined, n);
    assert_int_equal(p.skipped, 0);
    for (int i = 0; i < SLOT_COUNT; i++)
        ok &= is_as_wanted(row, &p, i);
    for (int i = 0; i < SLOT_COUNT && !ok; i++)
        print_error("%s: %s | %s\n", slot_name((enum slot)i), name_of(p.path[i]), p.why[i]);
    if (!ok)
        fail_msg("%s", row->files[0]);
    proposal_reset(&p);
    assert_null(p.path[0]);
    job_reset(&job);
    remove_folder();
}

#define ASSERT_ROWS(rows)                                                                          \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    assert_row(&(rows)[i])

static void test_plain(void **state)
{
    static const struct row rows[] = {
        {AZURE,
         "pump-7",
         {G2 "=ca.pem", PEM "pump-7.crt", PEM "pump-7.key"},
         {"ca.pem", "pump-7.crt", "pump-7.key"},
         {"DigiCert Global Root G2", "made out to the device ID \"pump-7\"",
          "pump-7.key is the private key of pump-7.crt"}},
        /* names say nothing */
        {AZURE,
         "pump-7",
         {PEM "pump-7.key=a.txt", PEM "other.key=b.txt", PEM "pump-7.crt=c.txt", G2 "=d.txt"},
         {"d.txt", "c.txt", "a.txt"},
         {NULL}},
        {AZURE,
         "pump-7",
         {PEM "pump-7-both.pem"},
         {NULL, "pump-7-both.pem", "pump-7-both.pem"},
         {"no certificate of a CA", "its private key is in the folder", "as well"}},
        {AZURE,
         "pump-7",
         {PEM "nopass.p12", G2},
         {"digicert-global-root-g2.pem", "nopass.p12", "nopass.p12"},
         {NULL}},
        {AZURE,
         "pump-7",
         {PEM "pump-7.der", PEM "pump-7-key.der"},
         {NULL, "pump-7.der", "pump-7-key.der"},
         {NULL}},
        {AZURE,
         "pump-7",
         {PEM "make.sh", PEM "pump-7.csr", PEM "vendor-guide-example.pem"},
         {NULL, NULL, NULL},
         {"no certificate of a CA", "no device certificate", "without a device certificate"}},
        {AZURE, "pump-7", {NULL}, {NULL, NULL, NULL}, {NULL}},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void test_device(void **state)
{
    static const struct row rows[] = {
        /* the device's own among others' */
        {AZURE,
         "pump-8",
         {CHECK "pump-7.crt=a.crt", CHECK "pump-7.key", CHECK "pump-8.crt=b.crt", G2},
         {"digicert-global-root-g2.pem", "b.crt", "pump-7.key"},
         {NULL, "\"pump-8\"", NULL}},
        /* out of its time */
        {AZURE,
         "pump-7",
         {CHECK "expired.crt=a.crt", CHECK "chain.crt=b.crt", CHECK "pump-7.key"},
         {NULL, "b.crt", "pump-7.key"},
         {NULL}},
        {AZURE,
         "pump-7",
         {CHECK "future.crt=a.crt", CHECK "pump-7.crt=b.crt", CHECK "pump-7.key"},
         {NULL, "b.crt", "pump-7.key"},
         {NULL}},
        {AZURE,
         "pump-7",
         {CHECK "expired.crt", CHECK "pump-7.key"},
         {NULL, "expired.crt", "pump-7.key"},
         {NULL, "expired on 2021-01-01", NULL}},
        {AZURE,
         "pump-7",
         {CHECK "expired.crt=a.crt", CHECK "pump-8.crt=b.crt", CHECK "pump-7.key"},
         {NULL, NULL, NULL},
         {NULL, "expired on 2021-01-01, and the others are not", NULL}},
        {AZURE,
         "pump-7",
         {CHECK "chain-expired.crt=a.crt", CHECK "pump-8.crt=b.crt", CHECK "pump-7.key"},
         {NULL, NULL, NULL},
         {NULL, "expired on 2025-01-01, and the others are not", NULL}},
        /* not a client's */
        {AZURE,
         "pump-7",
         {CHECK "server.crt=a.crt", CHECK "chain.crt=b.crt", CHECK "pump-7.key"},
         {NULL, "b.crt", "pump-7.key"},
         {NULL}},
        {AZURE, "pump-7", {PEM "server-only.crt", PEM "other.key"}, {NULL, NULL, NULL}, {NULL}},
        /* a chain rather than the leaf alone, which Azure may not know the issuer of */
        {AZURE,
         "pump-7",
         {CHECK "pump-7.crt=a.crt", CHECK "chain.crt=b.crt", CHECK "pump-7.key"},
         {NULL, "b.crt", "pump-7.key"},
         {NULL}},
        /* without a key */
        {AZURE,
         "pump-7",
         {CHECK "chain.crt", PEM "other.key"},
         {NULL, "chain.crt", NULL},
         {NULL, "not in the folder", "no private key in the folder belongs to chain.crt"}},
        {AZURE,
         "pump-7",
         {CHECK "chain.crt=pump-7.crt", PEM "pump-ec.crt", PEM "pump-ec.key"},
         {NULL, "pump-7.crt", NULL},
         {NULL}},
        /* nobody's name */
        {AZURE,
         "pump-9",
         {CHECK "chain.crt", CHECK "pump-7.key"},
         {NULL, "chain.crt", "pump-7.key"},
         {NULL, "made out to \"pump-7\", not to the device ID \"pump-9\"", NULL}},
        {AZURE,
         "pump-9",
         {CHECK "pump-7.crt", CHECK "pump-8.crt", CHECK "case.crt", CHECK "pump-7.key"},
         {NULL, NULL, NULL},
         {NULL, "none of the 3 device certificates is made out to the device ID \"pump-9\"", NULL}},
        {AWS,
         "dev-2",
         {CHECK "pump-7.crt=dev-1.crt", CHECK "pump-8.crt=dev-2.crt", CHECK "pump-7.key"},
         {NULL, "dev-2.crt", "pump-7.key"},
         {NULL, "named after the device ID, but made out to \"pump-8\"", NULL}},
        /* no ID: any, and it is said that there are others */
        {OTHER,
         NULL,
         {CHECK "pump-7.crt", CHECK "pump-8.crt", CHECK "pump-7.key"},
         {NULL, "pump-7.crt", "pump-7.key"},
         {NULL, "; pump-8.crt would do as well", NULL}},
        {OTHER,
         NULL,
         {CHECK "case.crt", CHECK "pump-7.crt", CHECK "pump-8.crt", CHECK "pump-7.key"},
         {NULL, "case.crt", "pump-7.key"},
         {NULL, "; 2 others would do as well, such as pump-7.crt", NULL}},
        /* the same certificate twice is no choice */
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt", PEM "pump-7.der", PEM "pump-7.key", PEM "pump-7-pkcs1.key"},
         {NULL, "pump-7.crt", "pump-7.key"},
         {NULL, "in the folder", NULL}},
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt", PEM "pump-7-ca.key", PEM "pump-7-chain.crt", PEM "pump-7.key"},
         {NULL, "pump-7-chain.crt", "pump-7-ca.key"},
         {NULL, "; pump-7.crt would do as well", NULL}},
        /* marked as a CA by openssl req -x509, and a CA indeed */
        {AZURE,
         "pump-7",
         {CHECK "self-ca.crt", CHECK "pump-7.key"},
         {NULL, "self-ca.crt", "pump-7.key"},
         {NULL}},
        {OTHER,
         NULL,
         {PEM "test-root.crt", PEM "test-root.key", PEM "test-sub.crt", PEM "test-sub.key"},
         {"test-root.crt", NULL, NULL},
         {NULL}},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void test_locked(void **state)
{
    static const struct row rows[] = {
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt", PEM "encrypted.key=pump-7.key"},
         {NULL, "pump-7.crt", "pump-7.key"},
         {NULL, "an encrypted file of the same name",
          "pump-7.key is encrypted and could not be compared"}},
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt=a.crt", PEM "encrypted.key=a.a.key", PEM "modern.p12=a.a",
          PEM "encrypted.der=a.key"},
         {NULL, "a.crt", "a.key"},
         {NULL}},
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt", PEM "encrypted.key"},
         {NULL, "pump-7.crt", NULL},
         {NULL, NULL, "; encrypted.key is encrypted: choose it by hand"}},
        /* the key that is open wins */
        {AZURE,
         "pump-7",
         {PEM "pump-7.crt", PEM "encrypted.key=pump-7.key", PEM "pump-7.key=z.key"},
         {NULL, "pump-7.crt", "z.key"},
         {NULL}},
        {AZURE,
         "pump-7",
         {PEM "modern.p12", PEM "kdf-cost.p12"},
         {NULL, NULL, NULL},
         {NULL, "kdf-cost.p12 is encrypted: choose it by hand", NULL}},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void test_root(void **state)
{
#define PAIR CHECK "chain.crt", CHECK "pump-7.key"
#define A    ROOTS "amazon-root-ca-"
    static const struct row rows[] = {
        {AZURE,
         "pump-7",
         {ROOTS "microsoft-rsa-root-ca-2017.pem=a.pem", G2 "=b.pem", A "1.pem=c.pem",
          CHECK "ca.crt=d.pem", PAIR},
         {"b.pem", "chain.crt", "pump-7.key"},
         {"Azure's hubs", NULL, NULL}},
        {AZURE,
         "pump-7",
         {ROOTS "microsoft-rsa-root-ca-2017.pem", A "1.pem"},
         {"microsoft-rsa-root-ca-2017.pem", NULL, NULL},
         {"; but the hubs of today present DigiCert Global Root G2", NULL, NULL}},
        /* certainly wrong ones are never proposed */
        {AZURE,
         "pump-7",
         {A "1.pem", ROOTS "baltimore-cybertrust-root.pem", ROOTS "digicert-global-root-ca.pem",
          CHECK "ca.crt", PAIR},
         {NULL, "chain.crt", "pump-7.key"},
         {"a root of AWS: it can never validate an Azure IoT Hub", NULL, NULL}},
        {AZURE,
         "pump-7",
         {PEM "pump-7-ca.crt", PEM "pump-7-ca.key", PEM "test-sub.crt", PEM "test-root.crt"},
         {NULL, "pump-7-ca.crt", "pump-7-ca.key"},
         {"issued the device certificate", NULL, NULL}},
        /* a private root where no known one is */
        {AZURE,
         "pump-7",
         {PEM "test-root.crt", PAIR},
         {"test-root.crt", "chain.crt", "pump-7.key"},
         {"; but CN=Test Root,O=comcert tests is not a root that Azure IoT Hub is known to use",
          NULL, NULL}},
        {AZURE_GATEWAY,
         "pump-7",
         {CHECK "ca.crt", PEM "test-root.crt", PAIR},
         {"test-root.crt", "chain.crt", "pump-7.key"},
         {NULL}},
        {AZURE_GATEWAY,
         "pump-7",
         {CHECK "ca.crt", PAIR},
         {"ca.crt", "chain.crt", "pump-7.key"},
         {"which issued the device certificate as well", NULL, NULL}},
        {AWS, NULL, {A "3.pem", A "1.pem", G2}, {"amazon-root-ca-1.pem", NULL, NULL}, {NULL}},
        /* a broker of one's own */
        {OTHER,
         "pump-7",
         {CHECK "ca.crt", PEM "test-root.crt=z.crt", A "1.pem", PAIR},
         {"z.crt", "chain.crt", "pump-7.key"},
         {NULL}},
        {OTHER,
         "pump-7",
         {CHECK "ca.crt", A "1.pem", PAIR},
         {"ca.crt", "chain.crt", "pump-7.key"},
         {NULL}},
        {OTHER, NULL, {A "1.pem"}, {"amazon-root-ca-1.pem", NULL, NULL}, {NULL}},
        {OTHER,
         NULL,
         {CHECK "ca.crt", PEM "test-root.crt"},
         {"ca.crt", NULL, NULL},
         {"; test-root.crt would do as well", NULL, NULL}},
        {OTHER,
         NULL,
         {PEM "test-root.crt=a.crt", PEM "test-root.crt=b.crt", PEM "test-sub.crt=c.crt"},
         {"a.crt", NULL, NULL},
         {"the CA CN=Test Root,O=comcert tests", NULL, NULL}},
        {OTHER,
         NULL,
         {CHECK "ca-old.crt=a.crt", CHECK "ca-future.crt=b.crt", CHECK "ca.crt=c.crt"},
         {"c.crt", NULL, NULL},
         {NULL}},
        {OTHER,
         NULL,
         {CHECK "ca-old.crt"},
         {"ca-old.crt", NULL, NULL},
         {"expired on 2020-01-01", NULL, NULL}},
        {OTHER,
         NULL,
         {CHECK "ca-and-key.pem=a.pem", CHECK "ca.crt=b.crt"},
         {"b.crt", NULL, NULL},
         {NULL}},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

/* --- whole folders ---------------------------------------------------------------------------- */

static void test_fixtures(void **state)
{
    struct proposal p;
    struct job job;
    struct err err;

    (void)state;
    make_job(&job, AZURE, "pump-7");
    assert_int_equal(propose_folder("fixtures/pem", &job, now, &p, &err), 0);
    assert_string_equal(p.path[SLOT_SERVER_CA], "fixtures/pem/digicert-global-root-g2.pem");
    assert_string_equal(p.path[SLOT_DEVICE_CERT], "fixtures/pem/pump-7-chain.crt");
    assert_string_equal(p.path[SLOT_DEVICE_KEY], "fixtures/pem/pump-7-ca.key");
    assert_non_null(strstr(p.why[SLOT_DEVICE_CERT], "; pump-7-both.pem would do as well"));
    assert_true(p.examined > 60);
    proposal_reset(&p);
    assert_int_equal(propose_folder("fixtures/pem/check/", &job, now, &p, &err), 0);
    assert_string_equal(p.path[SLOT_DEVICE_KEY], "fixtures/pem/check/pump-7.key");
    assert_non_null(strstr(p.path[SLOT_SERVER_CA], "azure-"));
    proposal_reset(&p);
    job_reset(&job);
}

/* Its own credentials are left alone, and do not count. */
static void test_job(void **state)
{
    const struct passphrase_source nobody = {0};
    struct findings f = {0};
    struct proposal p;
    struct job job;
    struct err err;

    (void)state;
    make_job(&job, AZURE, "pump-7");
    job.credentials[SLOT_SERVER_CA].path = strdup(PEM "vendor-guide-example.pem");
    job.credentials[SLOT_DEVICE_KEY].path = strdup(PEM "pump-7.key");
    assert_int_equal(job_load_credentials(&job, &nobody, &f), ERR_VALUE);
    make_folder();
    add_file(G2);
    assert_int_equal(propose_folder(folder, &job, now, &p, &err), 0);
    assert_non_null(p.path[SLOT_SERVER_CA]);
    assert_null(strstr(p.why[SLOT_SERVER_CA], "Amazon"));
    assert_null(p.path[SLOT_DEVICE_KEY]);
    assert_non_null(job.credentials[SLOT_DEVICE_KEY].credential);
    assert_string_equal(job.credentials[SLOT_SERVER_CA].resembles->name, "Amazon Root CA 1");
    proposal_reset(&p);
    findings_reset(&f);
    job_reset(&job);
    remove_folder();
}

static void test_limits(void **state)
{
    struct proposal p;
    struct job job;
    struct err err;
    char sub[128];

    (void)state;
    make_job(&job, AZURE, "pump-7");
    make_folder();
    for (int i = 0; i < 505; i++) {
        char name[16];

        snprintf(name, sizeof name, "f%03d", i);
        write_file(name, 0, 0600);
    }
    write_file("a", (1 << 20) + 1, 0600);
    snprintf(sub, sizeof sub, "%s/b", folder);
    assert_int_equal(mkdir(sub, 0700), 0);
    snprintf(sub, sizeof sub, "%s/c", folder);
    assert_int_equal(mkfifo(sub, 0600), 0);
    snprintf(sub, sizeof sub, "%s/d", folder);
    assert_int_equal(symlink("/nonexistent", sub), 0);
    add_file(PEM "pump-7.crt=e.crt");
    add_file(G2 "=g.pem"); /* after the 500th */
    assert_int_equal(propose_folder(folder, &job, now, &p, &err), 0);
    assert_int_equal(p.examined, 500);
    assert_int_equal(p.skipped, 8); /* 6 of the empty ones, the large one, the last */
    assert_non_null(p.path[SLOT_DEVICE_CERT]);
    assert_null(p.path[SLOT_SERVER_CA]);
    proposal_reset(&p);
    job_reset(&job);
    remove_folder();
}

static void test_failures(void **state)
{
    struct proposal p;
    struct job job;
    struct err err = {0};

    (void)state;
    make_job(&job, AZURE, "pump-7");
    assert_int_equal(propose_folder("/nonexistent", &job, now, &p, &err), ERR_MISSING);
    assert_non_null(strstr(err.text, "/nonexistent"));
    assert_null(p.why[0]);
    assert_true(propose_folder(PEM "pump-7.crt", &job, now, &p, &err) < 0);
    job_reset(&job);
}

/* What a file's name or a certificate says reaches a screen. */
static void test_hostile(void **state)
{
    struct proposal p;
    struct job job;
    struct err err;

    (void)state;
    make_job(&job, AZURE, "\x1B[31m");
    make_folder();
    add_file(CHECK "hostile.crt=\x1B[2J.crt");
    add_file(CHECK "pump-7.key=x\n.key");
    assert_int_equal(propose_folder(folder, &job, now, &p, &err), 0);
    assert_non_null(p.path[SLOT_DEVICE_CERT]);
    for (int i = 0; i < SLOT_COUNT; i++) {
        for (const char *c = p.why[i]; *c != '\0'; c++)
            assert_true((unsigned char)*c >= 0x20);
    }
    proposal_reset(&p);
    job_reset(&job);
    remove_folder();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_device),
        cmocka_unit_test(test_locked),   cmocka_unit_test(test_root),
        cmocka_unit_test(test_fixtures), cmocka_unit_test(test_job),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_failures),
        cmocka_unit_test(test_hostile),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
