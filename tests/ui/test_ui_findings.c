/* SPDX-License-Identifier: MIT */
/* Every finding of a job stands under the field or in the card that it concerns, in the colour of
 * its severity and with its remedy; and again on the Review step, if one gets there. What there is
 * to find is asked of the engine itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "job/jobfile.h"
#include "pki/pki.h"
#include "run/prepare.h"
#include "wizard.h"

#define AZURE "preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\"  "
#define HOST  "my-hub.azure-devices.net"
#define AWS                                                                                        \
    "preset = \"aws\"  broker = \"abcdefgh1234-ats.iot.eu-central-1.amazonaws.com\"  "             \
    "device-id = \"pump-7\"  "
#define OTHER "broker = \"broker.example\"  client-id = \"pump-7\"  topic = \"plant/pump-7\"  "

struct row {
    const char *codes;           /* that must be among what is found, with blanks between them */
    const char *mqtt;            /* NULL: AZURE */
    const char *ca, *cert, *key; /* files under fixtures/pem (with '/' elsewhere); NULL: a good one;
                                    "": none */
    const char *make;            /* a command that makes files in the folder, named "./..." */
    const char *profile;         /* NULL: bench */
};

#define ROOTS "src/pki/roots/"

static const struct row table[] = {
    /* cards: the file itself */
    {"file-missing", NULL, "./none.pem", "", "", NULL, NULL},
    {"file-empty pem-crlf key-readable", NULL, "./empty", "./crlf", "./readable",
     ": >empty; sed 's/$/\\r/' good.crt >crlf; cp good.key readable; chmod 644 readable", NULL},
    {"pem-bom pem-extra-text pem-whitespace", NULL, "./bom", "./text", "./blanks",
     "{ printf '\\357\\273\\277'; cat good.ca; } >bom; { echo Hello; cat good.crt; } >text;"
     "sed '3s/^/  /' good.key >blanks; chmod 600 blanks",
     NULL},
    {"not-pem is-csr is-public-key", NULL, "./page", "pump-7.csr", "pump-7.pub",
     "echo '<html><body>404</body></html>' >page", NULL},
    {"pem-damaged key-encrypted", NULL, "./damaged", "encrypted.key", "encrypted.key",
     "sed '5s/....$/AAAA/;7s/^..../!!!!/' good.ca >damaged", NULL},
    {"der-input pem-blank-line", NULL, NULL, "pump-7.der", "./gaps",
     "sed '4s/$/\\n/' good.key >gaps; chmod 600 gaps", NULL},
    {"pkcs12-input kdf-cost", NULL, NULL, "nopass.p12", "kdf-cost.key", NULL, NULL},
    /* cards: what is in it */
    {"root-obsolete cert-expired", NULL, ROOTS "baltimore-cybertrust-root.pem", "check/expired.crt",
     "check/pump-7.key", NULL, NULL},
    {"root-lookalike cert-not-yet-valid", NULL, ROOTS "digicert-global-root-ca.pem",
     "check/future.crt", "check/pump-7.key", NULL, NULL},
    {"root-wrong-cloud cn-mismatch chain-incomplete", NULL, ROOTS "amazon-root-ca-1.pem",
     "check/pump-8.crt", "check/pump-7.key", NULL, NULL},
    {"root-extra-missing azure-thumbprint", NULL, NULL, NULL, NULL, NULL, NULL},
    {"root-extra-missing cert-without-key eku-no-client", NULL,
     ROOTS "microsoft-rsa-root-ca-2017.pem", "check/server.crt", "", NULL, NULL},
    {"root-missing key-without-cert", NULL, "", "", NULL, NULL, NULL},
    {"root-missing sig-weak", NULL, "", "check/sha1.crt", "check/pump-7.key", NULL, NULL},
    {"key-large", NULL, NULL, "check/p384.crt", "", NULL, NULL},
    {"root-is-device-cert chain-broken", NULL, "check/chain.crt", "check/chain-broken.crt",
     "check/pump-7.key", NULL, NULL},
    {"key-mismatch cn-missing", NULL, NULL, "check/no-cn.crt", "other.key", NULL, NULL},
    {"wrong-slot", NULL, NULL, "pump-7.key", "pump-7.crt", NULL, NULL},
    {"root-expired key-weak", NULL, "check/ca-old.crt", "check/rsa1024.crt", "", NULL, NULL},
    {"cert-v1", OTHER, "check/ca.crt", "check/v1.crt", "", NULL, NULL},
    {"key-in-ca-file chain-order", OTHER, "check/ca-and-key.pem", "check/chain-order.crt",
     "check/pump-7.key", NULL, NULL},
    {"azure-no-login", NULL, NULL, "", "", NULL, NULL},
    /* fields */
    {"broker-missing device-id-missing", "preset = \"azure\"", NULL, NULL, NULL, NULL, NULL},
    {"azure-hub-name device-id-charset",
     "preset = \"azure\"  hub = \"my_hub\"  device-id = \"a b\"", NULL, NULL, NULL, NULL, NULL},
    {"azure-host azure-port tls-off azure-client-id azure-username azure-topic",
     AZURE "broker = \"my-hub\"  port = 1883  tls = false  client-id = \"pump-8\"  "
           "username = \"pump-7\"  topic = \"x\"",
     NULL, NULL, NULL, NULL, NULL},
    {"azure-sovereign azure-api-version azure-module device-id-special",
     "preset = \"azure\"  hub = \"my-hub.azure-devices.us\"  device-id = \"pump$7\"  "
     "client-id = \"pump$7/a\"  username = \"my-hub.azure-devices.us/pump$7/a\"",
     NULL, NULL, NULL, NULL, NULL},
    {"broker-scheme topic-wildcard value-blank",
     "broker = \"mqtts://broker.example\"  client-id = \"pump-7 \"  topic = \"a/#\"", NULL, NULL,
     NULL, NULL, NULL},
    {"broker-port-in-host password-without-username",
     "broker = \"broker.example:8883\"  client-id = \"pump-7\"  topic = \"a\"  "
     "password-file = \"word\"",
     NULL, NULL, NULL, "echo secret >word; chmod 600 word", NULL},
    {"client-id-missing topic-missing broker-port-tls",
     "broker = \"broker.example\"  port = 1883  "
     "tls = true",
     "check/ca.crt", "", "", NULL, NULL},
    {"password-readable", OTHER "username = \"u\"  password-file = \"word\"", NULL, NULL, NULL,
     "echo secret >word; chmod 644 word", NULL},
    {"aws-endpoint aws-thing-name aws-username aws-port",
     "preset = \"aws\"  broker = \"abcd.iot.eu-central-1.amazonaws.com\"  device-id = \"pump-7\"  "
     "client-id = \"pump-8\"  username = \"me\"  port = 443  topic = \"a\"",
     ROOTS "amazon-root-ca-1.pem", NULL, NULL, NULL, NULL},
    {"aws-no-login", AWS "topic = \"a\"", ROOTS "amazon-root-ca-1.pem", "", "", NULL, NULL},
    {"line-assumed", NULL, NULL, NULL, NULL, NULL, "infinite"},
    {"profile-unknown", NULL, NULL, NULL, NULL, NULL, "infinit"},
};

/* --- the job ---------------------------------------------------------------------------------- */

/* "key = ..." of the job file for a slot's file, which is copied into the folder. */
static void add_file(const struct wiz *z, char *job, size_t size, const char *key, const char *name,
                     const char *good)
{
    char from[256], line[256];
    const char *base = name != NULL && strrchr(name, '/') != NULL ? strrchr(name, '/') + 1 : name;

    if (name != NULL && name[0] == '\0')
        return;
    if (name != NULL && name[0] != '.') {
        snprintf(from, sizeof from, "%s%s", strncmp(name, "src/", 4) == 0 ? "" : "fixtures/pem/",
                 name);
        wiz_copy(z, base, from);
    }
    snprintf(line, sizeof line, "  %s = \"%s\"\n", key, name != NULL ? base : good);
    strncat(job, line, size - strlen(job) - 1);
}

static void write_job(const struct wiz *z, const struct row *row)
{
    char job[4096];

    wiz_copy(z, "good.ca", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_copy(z, "good.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "good.key", "fixtures/pem/pump-7.key");
    if (row->make != NULL)
        assert_int_equal(wiz_shell(z, NULL, row->make), 0);
    snprintf(job, sizeof job, "profile = \"%s\"\nmqtt: { %s }\ncertificates: {\n",
             row->profile != NULL ? row->profile : "bench", row->mqtt != NULL ? row->mqtt : AZURE);
    add_file(z, job, sizeof job, "server-ca", row->ca, "good.ca");
    add_file(z, job, sizeof job, "device-cert", row->cert, "good.crt");
    add_file(z, job, sizeof job, "device-key", row->key, "good.key");
    strncat(job, "}\n", sizeof job - strlen(job) - 1);
    wiz_write(z, "job.cfg", 0600, job);
}

/* What the engine has to say about it. */
static void judge(const struct wiz *z, struct prepared *p)
{
    const struct passphrase_source nobody = {NULL, NULL};
    const struct prepare_options options = {.now = time(NULL), .lenient_assumed = true};
    struct err err;

    prepared_init(p);
    assert_int_equal(jobfile_read(wiz_path(z, "job.cfg"), NULL, 0, &p->job, &p->findings), 0);
    (void)job_load_credentials(&p->job, &nobody, &p->findings);
    p->job.device = strdup(z->port);
    assert_int_equal(prepare_plan(p, &options, &err), 0);
}

/* --- places ----------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    int step;
    const char *label;
    const char *section; /* NULL: any */
} places[] = {
    {"port.baud", 1, "Speed", NULL},
    {"mqtt.preset", 2, "Broker is", NULL},
    {"mqtt.hub", 2, "IoT hub", NULL},
    {"mqtt.broker", 2, "Broker IP", NULL},
    {"mqtt.port", 2, "Port", NULL},
    {"mqtt.tls", 2, "Use SSL/TLS", NULL},
    {"mqtt.client-id", 2, "Client ID", NULL},
    {"mqtt.username", 2, "Username", NULL},
    {"mqtt.topic", 2, "Topic", NULL},
    {"mqtt.password-file", 2, "Password file", NULL},
    {"certificates.server-ca", 3, "File", "Server CA"},
    {"certificates.device-cert", 3, "File", "Device certificate"},
    {"certificates.device-key", 3, "File", "Private key"},
};

static const char *label_of(const struct row *row, const char *key, int *step, const char **section)
{
    *section = NULL;
    *step = 2;
    if (key != NULL && strcmp(key, "mqtt.device-id") == 0)
        return row->mqtt != NULL && strstr(row->mqtt, "\"aws\"") != NULL ? "Thing name"
                                                                         : "Device ID";
    if (key != NULL && strcmp(key, "profile") == 0) {
        *step = 1;
        return "Profile file"; /* what is no name of a family is taken for one */
    }
    for (size_t i = 0; key != NULL && i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].key, key) == 0) {
            *step = places[i].step;
            *section = places[i].section;
            return places[i].label;
        }
    }
    fail_msg("%s: no place is known for the key %s", row->codes, key != NULL ? key : "(none)");
    return NULL;
}

/* The row in which a text stands under this label and in this section (NULL: any); -1. The same
 * sentence may stand in several cards. */
static int find_row(const struct wiz *z, const char *text, const char *label, const char *section)
{
    int rows, cols;

    vt_size(z->vt, &rows, &cols);
    for (int row = 1; row < rows - 2; row++) {
        if (strstr(wiz_text(z, row, 0, cols), text) != NULL &&
            (label == NULL || strcmp(wiz_label(z, row), label) == 0) &&
            (section == NULL || strncmp(wiz_section(z, row), section, strlen(section)) == 0))
            return row;
    }
    return -1;
}

/* A text in a row has this colour. */
static void assert_colour(const struct wiz *z, int row, const char *text, int colour)
{
    const char *all = wiz_text(z, row, 0, 400);
    int col = (int)(strstr(all, text) - all); /* only blanks stand before it */

    assert_int_equal(vt_cell(z->vt, row, col).fg, colour);
}

static void assert_in_place(struct wiz *z, const struct finding *f, const char *label,
                            const char *section)
{
    static const int colours[] = {
        [SEVERITY_NOTE] = WIZ_NOTE, [SEVERITY_WARNING] = WIZ_WARN, [SEVERITY_ERROR] = WIZ_BAD};
    static const char *const marks[] = {
        [SEVERITY_NOTE] = "\xC2\xB7", [SEVERITY_WARNING] = "!", [SEVERITY_ERROR] = "\xE2\x9C\x97"};
    char text[1024];
    int row;

    snprintf(text, sizeof text, "%s %s", marks[f->severity], f->what);
    wiz_wait(z, text);
    row = find_row(z, text, label, section);
    if (row < 0) {
        vt_print(z->vt);
        fail_msg("%s stands elsewhere than under \"%s\": %s", f->code, label, text);
    }
    assert_colour(z, row, text, colours[f->severity]);
    if (f->remedy == NULL || f->remedy[0] == '\0')
        return;
    snprintf(text, sizeof text, "fix: %s", f->remedy);
    assert_true(vt_wait_row(z->vt, row + 1, text));
    assert_colour(z, row + 1, text, WIZ_DIM);
}

/* The first step that a finding forbids to leave; 5: none. */
static int last_step(const struct row *row, const struct findings *all)
{
    int last = 5, step;
    const char *section;

    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->items[i];

        if (f->severity != SEVERITY_ERROR)
            continue;
        (void)label_of(row, f->key, &step, &section);
        last = step < last ? step : last;
    }
    return last;
}

static void assert_all_in_place(struct wiz *z, const struct row *row, const struct findings *all)
{
    int last = last_step(row, all), step;
    const char *section;

    for (int at = 1; at <= 3 && at <= last; at++) {
        if (at > 1)
            wiz_step(z, at);
        for (size_t i = 0; i < all->count; i++) {
            const struct finding *f = &all->items[i];
            const char *label;

            if (strcmp(f->code, "assumed-not-accepted") == 0)
                continue; /* the tick box of the Review step is for it */
            label = label_of(row, f->key, &step, &section);
            if (step == at)
                assert_in_place(z, f, label, section);
        }
    }
}

static void assert_in_review(struct wiz *z, const struct findings *all)
{
    wiz_step(z, 4);
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].code, "assumed-not-accepted") != 0)
            assert_in_place(z, &all->items[i], NULL, "What was found");
    }
}

/* --- the table -------------------------------------------------------------------------------- */

/* Each code is found, and on a step that one can see. Counts severities. */
static void assert_codes(const struct row *row, const struct findings *all, int *severities)
{
    char codes[256], *rest = codes, *code;
    int step;
    const char *section;

    snprintf(codes, sizeof codes, "%s", row->codes);
    while ((code = strsep(&rest, " ")) != NULL) {
        const struct finding *f = findings_get(all, code);

        if (f == NULL)
            fail_msg("%s: no %s", row->codes, code);
        (void)label_of(row, f->key, &step, &section);
        if (step > last_step(row, all))
            fail_msg("%s: %s cannot be seen on step %d", row->codes, code, step);
        severities[f->severity]++;
    }
}

static void assert_row(const struct row *row, int *severities)
{
    static const struct vt_options tall = {.rows = 90, .cols = 400};
    struct wiz z;
    struct prepared p;

    wiz_folder(&z);
    write_job(&z, row);
    wiz_device(&z, "--profile", "bench", NULL);
    judge(&z, &p);
    assert_codes(row, &p.findings, severities);
    wiz_start(&z, &tall, "tui", "--port", z.port, "job.cfg", NULL);
    if (findings_get(&p.findings, "key-encrypted") != NULL) {
        wiz_wait(&z, "is encrypted");
        while (vt_find(z.vt, "is encrypted. The key", NULL, NULL))
            wiz_key(&z, "Esc");
    }
    assert_all_in_place(&z, row, &p.findings);
    if (findings_worst(&p.findings) != SEVERITY_ERROR)
        assert_in_review(&z, &p.findings);
    prepared_reset(&p);
    wiz_end(&z);
}

static void test_places(void **state)
{
    int severities[3] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_row(&table[i], severities);
    assert_true(severities[SEVERITY_NOTE] >= 5);
    assert_true(severities[SEVERITY_WARNING] >= 10);
    assert_true(severities[SEVERITY_ERROR] >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
    };
    struct err err;
    int rc;

    if (pki_start(&err) != 0)
        return 1;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    pki_stop();
    return rc;
}
