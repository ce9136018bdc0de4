/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/agreement.h"
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

/* 2026-11-22 */
static const time_t now = 1795305600;

static void load(const char *file, const char *const *set, struct job *job)
{
    const struct passphrase_source nobody = {0};
    struct findings f = {0};
    struct err err;
    size_t n = 0;

    while (n < 4 && set[n] != NULL)
        n++;
    job_init(job);
    if (jobfile_read(file, set, n, job, &f) != 0)
        fail_msg("%s", f.items[0].what);
    assert_int_equal(preset_apply(job, &err), 0);
    (void)job_load_credentials(job, &nobody, &f);
    findings_reset(&f);
}

static void print(const struct agreements *a)
{
    static const char marks[] = "+-?";

    for (size_t i = 0; i < a->count; i++)
        print_error("  %c %s\n", marks[a->items[i].state], a->items[i].text);
}

/* --- whole lists ------------------------------------------------------------------------------ */

/* "+" agrees, "-" disagrees, "?" cannot tell; then the text. */
static void assert_list(const char *file, const char *const *want)
{
    static const char marks[] = "+-?";
    const char *const nothing[] = {NULL};
    struct agreements a;
    struct job job;
    struct err err;
    size_t n = 0;

    load(file, nothing, &job);
    assert_int_equal(agreements_make(&job, now, &a, &err), 0);
    for (; n < a.count && want[n] != NULL; n++) {
        if (want[n][0] != marks[a.items[n].state] || strcmp(want[n] + 2, a.items[n].text) != 0)
            break;
    }
    if (n != a.count || want[n] != NULL) {
        print(&a);
        fail_msg("%s: %s", file, want[n] != NULL ? want[n] : "more");
    }
    agreements_reset(&a);
    assert_null(a.items);
    job_reset(&job);
}

static void test_good(void **state)
{
    static const char *const self_signed[] = {
        "+ key matches certificate",
        "+ certificate's CN is the device ID",
        "+ root is Azure's (DigiCert Global Root G2)",
        "+ TLS is on",
        NULL,
    };
    static const char *const ca_signed[] = {
        "+ key matches certificate",
        "+ certificate's CN is the device ID",
        "+ chain reaches O=Example,CN=Example Devices",
        "+ root is Azure's (DigiCert Global Root G2)",
        "+ TLS is on",
        NULL,
    };
    static const char *const aws[] = {
        "+ key matches certificate",
        "+ certificate's CN is the device ID",
        "+ root is AWS's (Amazon Root CA 1)",
        "+ TLS is on",
        NULL,
    };
    static const char *const other[] = {
        "+ key matches certificate",
        "+ certificate's CN is the client ID",
        "+ chain reaches the server CA, O=Example,CN=Example Root",
        "? whether O=Example,CN=Example Root vouches for the broker shows only when connecting",
        "+ TLS is on",
        NULL,
    };
    static const char *const password[] = {
        "+ root is Azure's (DigiCert Global Root G2)",
        "+ TLS is on",
        NULL,
    };

    (void)state;
    assert_list(JOBS "pump-7.cfg", self_signed);
    assert_list(JOBS "ca-signed.cfg", ca_signed);
    assert_list(JOBS "aws.cfg", aws);
    assert_list(JOBS "other.cfg", other);
    assert_list(JOBS "azure-password.cfg", password);
}

/* --- one at a time ---------------------------------------------------------------------------- */

struct row {
    const char *set[5];
    enum agreement_state state;
    const char *words;
};

static void assert_row(const char *file, const struct row *row)
{
    struct agreements a;
    struct job job;
    struct err err;
    bool found = false;

    load(file, row->set, &job);
    assert_int_equal(agreements_make(&job, now, &a, &err), 0);
    for (size_t i = 0; i < a.count; i++)
        found |= a.items[i].state == row->state && strstr(a.items[i].text, row->words) != NULL;
    if (!found) {
        print_error("%s %s: %s\n", file, row->set[0] != NULL ? row->set[0] : "", row->words);
        print(&a);
        fail();
    }
    agreements_reset(&a);
    job_reset(&job);
}

#define ASSERT_ROWS(file, rows)                                                                    \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    assert_row(file, &(rows)[i])

static void test_azure(void **state)
{
    static const struct row rows[] = {
        {{KEY "fixtures/pem/pump-7.key"}, DISAGREES, "private key does not belong"},
        {{KEY "fixtures/pem/encrypted.key"}, CANNOT_TELL, "the file for the private key cannot"},
        {{KEY PEM "chain.crt"}, CANNOT_TELL, "the file for the private key cannot be used"},
        {{CERT PEM "pump-7.key"}, CANNOT_TELL, "the file for the device certificate cannot"},
        {{CERT PEM "pump-7.key"}, CANNOT_TELL, "whose certificate it is cannot be told"},
        {{CERT PEM "pump-8.crt"}, DISAGREES, "for \"pump-8\", the device ID is \"pump-7\""},
        {{CERT PEM "case.crt"}, DISAGREES, "case and blanks"},
        {{CERT PEM "no-cn.crt"}, DISAGREES, "no common name"},
        {{CERT PEM "self-8.crt"}, CANNOT_TELL, "for \"pump-8\""},
        {{CERT PEM "self.crt"}, AGREES, "CN is the device ID"},
        {{CERT PEM "pump-7.crt"}, CANNOT_TELL, "comes without its issuers"},
        {{CERT PEM "chain-root.crt"}, AGREES, "chain reaches O=Example,CN=Example Root"},
        {{CERT PEM "chain-order.crt"}, AGREES, "chain reaches O=Example,CN=Example Devices"},
        {{CERT PEM "chain-broken.crt"}, DISAGREES, "none of the other certificates"},
        {{CERT PEM "chain-extra.crt"}, CANNOT_TELL, "nothing to do with"},
        {{CA ROOTS "amazon-root-ca-1.pem"}, DISAGREES, "can never validate an Azure IoT Hub"},
        {{CA ROOTS "digicert-global-root-ca.pem"}, DISAGREES, "easily taken for"},
        {{CA ROOTS "baltimore-cybertrust-root.pem"}, DISAGREES, "Azure's root until 2024"},
        {{CA ROOTS "microsoft-rsa-root-ca-2017.pem"}, CANNOT_TELL, "hubs of today present"},
        {{CA PEM "azure-both.pem"}, AGREES, "root is Azure's (DigiCert Global Root G2)"},
        {{CA PEM "azure-second.pem"}, CANNOT_TELL, "not as the first"},
        {{CA PEM "ca.crt"}, DISAGREES, "issued the device certificate"},
        {{CA PEM "ca.crt", CERT PEM "self.crt"}, CANNOT_TELL, "is known to use"},
        {{CA PEM "pump-7.crt"}, DISAGREES, "the device's own certificate"},
        {{CA PEM "pump-8.crt"}, DISAGREES, "not a CA's certificate"},
        {{CA PEM "none.pem"}, CANNOT_TELL, "the file for the server CA cannot be used"},
        {{CA ROOTS "amazon-root-ca-1.pem", "mqtt.broker=gw.example"}, CANNOT_TELL, "root of AWS"},
        {{"mqtt.hub=my-hub.azure-devices.us"}, CANNOT_TELL, "not publicly settled"},
        {{"mqtt.tls=false"}, DISAGREES, "TLS is off"},
        {{"mqtt.device-id=a\tb"}, CANNOT_TELL, "\"a\\tb\""},
    };

    (void)state;
    ASSERT_ROWS(JOBS "ca-signed.cfg", rows);
}

static void test_other(void **state)
{
    static const struct row rows[] = {
        {{CERT PEM "pump-8.crt"}, CANNOT_TELL, "CN is \"pump-8\", the client ID is \"pump-7\""},
        {{CERT PEM "hostile.crt"}, CANNOT_TELL, "CN is \"\\x1B[31mpump\\rx\""},
        {{CERT PEM "by-ca.crt"}, AGREES, "chain reaches the server CA"},
        {{CERT PEM "pump-7.crt"}, CANNOT_TELL, "comes without its issuers"},
        {{CA PEM "ca-old.crt"}, CANNOT_TELL, "shows only when connecting"},
        {{CA PEM "pump-8.crt"}, DISAGREES, "not a CA's"},
        {{"mqtt.tls=false"}, CANNOT_TELL, "will not be used"},
    };

    (void)state;
    ASSERT_ROWS(JOBS "other.cfg", rows);
}

/* Never better than check: what it calls an error between two things does not agree. */
static void test_one_opinion(void **state)
{
    static const char *const certs[] = {"chain.crt", "pump-8.crt",       "self-8.crt", "no-cn.crt",
                                        "inter.crt", "chain-broken.crt", "damaged.crt"};
    static const char *const roots[] = {ROOTS "digicert-global-root-g2.pem",
                                        ROOTS "amazon-root-ca-1.pem", PEM "ca.crt",
                                        PEM "chain.crt"};
    static const char *const codes[] = {"key-mismatch",      "cn-mismatch",         "cn-missing",
                                        "chain-broken",      "root-is-device-cert", "root-not-ca",
                                        "root-is-device-ca", "root-wrong-cloud"};

    (void)state;
    for (size_t i = 0; i < sizeof certs / sizeof *certs * 4; i++) {
        char cert[128], root[128];
        const char *const set[] = {cert, root, KEY PEM "pump-7.key", NULL};
        size_t errors = 0, disagreements = 0;
        struct findings f = {0};
        struct agreements a;
        struct job job;
        struct err err;

        snprintf(cert, sizeof cert, CERT PEM "%s", certs[i / 4]);
        snprintf(root, sizeof root, CA "%s", roots[i % 4]);
        load(JOBS "ca-signed.cfg", set, &job);
        check_job(&job, now, &f);
        assert_int_equal(agreements_make(&job, now, &a, &err), 0);
        for (size_t k = 0; k < sizeof codes / sizeof *codes; k++) {
            const struct finding *said = findings_get(&f, codes[k]);

            errors += said != NULL && said->severity == SEVERITY_ERROR;
        }
        for (size_t k = 0; k < a.count; k++)
            disagreements += a.items[k].state == DISAGREES;
        if (errors != disagreements) {
            print(&a);
            fail_msg("%s %s: %zu errors, %zu disagreements", cert, root, errors, disagreements);
        }
        agreements_reset(&a);
        findings_reset(&f);
        job_reset(&job);
    }
}

/* Credentials alone. */
static void test_no_broker(void **state)
{
    static const char path[] = PEM "pump-7.crt";
    const struct passphrase_source nobody = {0};
    struct findings f = {0};
    struct agreements a;
    struct job job;
    struct err err;

    (void)state;
    job_init(&job);
    job.credentials[SLOT_SERVER_CA].path = strdup(PEM "ca.crt");
    job.credentials[SLOT_DEVICE_CERT].path = strdup(path);
    assert_int_equal(job_load_credentials(&job, &nobody, &f), 0);
    assert_int_equal(agreements_make(&job, now, &a, &err), 0);
    assert_int_equal(a.count, 1);
    assert_non_null(strstr(a.items[0].text, "comes without its issuers"));
    agreements_reset(&a);
    free(job.credentials[SLOT_SERVER_CA].path);
    job.credentials[SLOT_SERVER_CA].path = strdup(path);
    assert_int_equal(job_load_credentials(&job, &nobody, &f), 0);
    assert_int_equal(agreements_make(&job, now, &a, &err), 0);
    assert_int_equal(a.count, 2);
    assert_int_equal(a.items[1].state, DISAGREES);
    assert_non_null(strstr(a.items[1].text, "the device's own certificate"));
    agreements_reset(&a);
    findings_reset(&f);
    job_reset(&job);
}

static void test_nothing(void **state)
{
    struct agreements a;
    struct job job;
    struct err err;

    (void)state;
    job_init(&job);
    assert_int_equal(agreements_make(&job, now, &a, &err), 0);
    assert_int_equal(a.count, 0);
    agreements_reset(&a);
    job_reset(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_azure),
        cmocka_unit_test(test_other),   cmocka_unit_test(test_one_opinion),
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_no_broker),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
