/* SPDX-License-Identifier: MIT */
/* Key and certificate made on the Certificates step, and how the device is registered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wizard.h"

static const struct vt_options tall = {.rows = 50, .cols = 100};
static const char passphrase[] = "correct horse";

#define AZURE                                                                                      \
    "profile = \"bench\"\n"                                                                        \
    "mqtt: { preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\" }\n"

static void start(struct wiz *z, const struct vt_options *options, const char *job)
{
    wiz_folder(z);
    wiz_write(z, "job.cfg", 0600, job);
    wiz_start(z, options, "tui", "job.cfg", NULL);
    wiz_rehearse(z);
    wiz_step(z, 3);
}

/* A CA with an encrypted key in ca/. */
static void make_ca(const struct wiz *z)
{
    wiz_write(z, "pw", 0600, passphrase);
    assert_int_equal(wiz_shell(z, NULL,
                               "\"$COMCERT\" new ca --name Bench --key ec:p256 --out ca "
                               "--passphrase-file pw -q"),
                     0);
}

static void open_form(struct wiz *z)
{
    wiz_key(z, "F9");
    wiz_wait(z, "Make a key and a certificate");
}

/* An EC key takes no time. */
static void choose_ec(struct wiz *z)
{
    wiz_focus(z, "Key");
    wiz_keys(z, "Right", 3);
    wiz_wait(z, "(*) ec:p256");
}

static void choose_ca(struct wiz *z, const char *ca, const char *word)
{
    wiz_focus(z, "Certificate");
    wiz_key(z, "Right");
    wiz_wait(z, "(*) signed by a CA of mine");
    wiz_fill(z, "CA", ca);
    wiz_focus(z, "Passphrase");
    vt_type(z->vt, word);
    vt_settle(z->vt);
}

static void press_make(struct wiz *z)
{
    wiz_press(z, "Make them");
}

/* Asserts that what a command prints stands in a row that holds nothing else. */
static void sees_alone(struct wiz *z, const char *command)
{
    char *out;
    int row, rows, cols;

    assert_int_equal(wiz_shell(z, &out, command), 0);
    out[strcspn(out, "\n")] = '\0';
    assert_true(strlen(out) == 40 || strlen(out) == 64);
    row = wiz_sees(z, out, -1);
    vt_size(z->vt, &rows, &cols);
    assert_string_equal(wiz_text(z, row, 0, cols) + 1, out);
    assert_int_equal(vt_row(z->vt, row)[0], ' ');
    free(out);
}

#define THUMBPRINT(file, hash)                                                                     \
    "openssl x509 -in " file " -noout -fingerprint -" hash " | sed 's/.*=//; s/://g'"

/* --- self-signed ------------------------------------------------------------------------------ */

/* At 80 x 24: form, both thumbprints in full, cards that agree, the commands, and the load. */
static void test_self_signed(void **state)
{
    struct wiz z;
    char *text, *sha256;

    (void)state;
    start(&z, NULL, AZURE);
    open_form(&z);
    wiz_sees(&z, "pump-7  (from the Broker step)", -1);
    choose_ec(&z);
    wiz_fill(&z, "Days", "100");
    wiz_fill(&z, "Folder", "pki");
    press_make(&z);
    wiz_wait(&z, "The cards have taken both files.");
    sees_alone(&z, THUMBPRINT("pki/pump-7.crt", "sha1"));
    sees_alone(&z, THUMBPRINT("pki/pump-7.crt", "sha256"));
    wiz_sees(&z, "pki/pump-7.key", -1);
    wiz_sees(&z, "X.509 Self-Signed", -1);
    assert_int_equal(wiz_mode(&z, "pki/pump-7.key"), 0600);
    assert_int_equal(wiz_shell(&z, NULL,
                               "openssl verify -x509_strict -CAfile pki/pump-7.crt pki/pump-7.crt "
                               "&& openssl x509 -in pki/pump-7.crt -noout -checkend 8630000 && "
                               "! openssl x509 -in pki/pump-7.crt -noout -checkend 8650000"),
                     0);
    wiz_press(&z, "Register the device...");
    wiz_wait(&z, "commands for Azure's az");
    wiz_key(&z, "F4");
    wiz_wait(&z, "pump-7-azure.sh");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "saved as pump-7-azure.sh");
    text = wiz_read(&z, "pump-7-azure.sh", NULL);
    assert_int_equal(wiz_shell(&z, &sha256, THUMBPRINT("pki/pump-7.crt", "sha256")), 0);
    sha256[strcspn(sha256, "\n")] = '\0';
    assert_non_null(strstr(text, sha256));
    free(sha256);
    free(text);
    wiz_key(&z, "F4"); /* a second time it asks */
    wiz_wait(&z, "pump-7-azure.sh  ");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "There already:");
    wiz_key(&z, "Esc");
    wiz_key(&z, "Esc");
    wiz_wait(&z, "SHA-1 thumbprint");
    wiz_key(&z, "Esc");
    wiz_wait(&z, "What was made");
    wiz_card(&z, 1);
    wiz_wait(&z, "subject  CN=pump-7");
    assert_string_equal(wiz_value(&z, "File"), "pki/pump-7.crt");
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    assert_int_equal(wiz_shell(&z, &sha256, THUMBPRINT("pki/pump-7.crt", "sha256")), 0);
    sha256[strcspn(sha256, "\n")] = '\0';
    wiz_sees(&z, sha256, -1); /* in one row, also on the card */
    free(sha256);
    wiz_key(&z, "F3");
    wiz_is_at(&z, 4);
    wiz_press(&z, "Load");
    wiz_wait(&z, "loaded");
    assert_false(wiz_wrote(&z, "MHcC"));
    assert_false(wiz_wrote(&z, "BEGIN"));
    wiz_end(&z);
}

/* The usual key, by the mouse alone. */
static void test_mouse(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, NULL, AZURE);
    wiz_click(&z, "Make a key and certificate");
    wiz_wait(&z, "(*) self-signed");
    wiz_click(&z, "signed by a CA of mine");
    wiz_wait(&z, "Passphrase");
    wiz_click(&z, "self-signed");
    wiz_sees_not(&z, "Passphrase");
    wiz_click(&z, "Make them");
    wiz_wait(&z, "The cards have taken both files.");
    wiz_click(&z, "[ Close ]");
    wiz_wait(&z, "CN=pump-7, RSA 2048");
    wiz_click(&z, "What was made");
    wiz_wait(&z, "SHA-256 thumbprint");
    vt_resize(z.vt, 30, 100);
    wiz_wait(&z, "SHA-256 thumbprint");
    sees_alone(&z, THUMBPRINT("pump-7.crt", "sha256"));
    wiz_end(&z);
}

/* --- what is asked before anything is replaced ------------------------------------------------ */

static void test_files_are_there(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall, AZURE);
    wiz_copy(&z, "pump-7.key", "fixtures/pem/pump-7.key");
    wiz_copy(&z, "before", "fixtures/pem/pump-7.key");
    open_form(&z);
    choose_ec(&z);
    press_make(&z);
    wiz_wait(&z, "There are such files");
    wiz_sees(&z, "There already: pump-7.key.", -1);
    wiz_key(&z, "Enter"); /* leaves them */
    wiz_sees_not(&z, "There are such files");
    wiz_same(&z, "pump-7.key", "before");
    press_make(&z);
    wiz_wait(&z, "There are such files");
    wiz_key(&z, "Esc");
    wiz_same(&z, "pump-7.key", "before");
    assert_int_equal(wiz_mode(&z, "pump-7.crt"), -1);
    press_make(&z);
    wiz_wait(&z, "There are such files");
    wiz_press(&z, "Replace them");
    wiz_wait(&z, "The cards have taken both files.");
    assert_int_equal(wiz_shell(&z, NULL, "! cmp -s pump-7.key before"), 0);
    wiz_end(&z);
}

/* --- by a CA ---------------------------------------------------------------------------------- */

static void test_by_ca(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z, NULL, AZURE);
    make_ca(&z);
    open_form(&z);
    choose_ec(&z);
    choose_ca(&z, "ca", "wrong horse");
    wiz_sees(&z, "***********", -1);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The passphrase does not open what is in");
    assert_string_equal(wiz_focused(&z), "Passphrase");
    wiz_sees_not(&z, "***");
    assert_int_equal(strncmp(wiz_value(&z, "CA"), "ca  ", 4), 0); /* nothing else was lost */
    assert_int_equal(wiz_mode(&z, "pump-7.key"), -1);
    vt_paste(z.vt, "correct horse\n"); /* submits nothing */
    vt_settle(z.vt);
    wiz_sees(&z, "*************", -1);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The cards have taken both files.");
    wiz_sees(&z, "issued by    Bench", -1);
    assert_int_equal(
        wiz_shell(&z, NULL, "openssl verify -x509_strict -CAfile ca/Bench.crt pump-7.crt"), 0);
    wiz_key(&z, "F9");
    wiz_wait(&z, "commands for Azure's az");
    wiz_key(&z, "F4");
    wiz_wait(&z, "pump-7-azure.sh");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "saved as");
    text = wiz_read(&z, "pump-7-azure.sh", NULL);
    assert_non_null(strstr(text, "ca/Bench.crt"));
    free(text);
    wiz_keys(&z, "Esc", 2);
    /* A second one is not issued unnoticed. */
    open_form(&z);
    wiz_sees_not(&z, "***");
    wiz_fill(&z, "Folder", "second");
    wiz_focus(&z, "Passphrase");
    vt_type(z.vt, passphrase);
    vt_settle(z.vt);
    press_make(&z);
    wiz_wait(&z, "It has a certificate already");
    wiz_sees(&z, "until 20", -1);
    wiz_key(&z, "Esc");
    wiz_sees_not(&z, "It has a certificate already");
    assert_int_equal(wiz_mode(&z, "second/pump-7.key"), -1);
    press_make(&z);
    wiz_wait(&z, "It has a certificate already");
    wiz_press(&z, "Make another");
    wiz_wait(&z, "The cards have taken both files.");
    assert_int_equal(wiz_mode(&z, "second/pump-7.key"), 0600);
    assert_int_equal(wiz_shell(&z, NULL, "test $(grep -c pump-7 ca/Bench.issued) -eq 2"), 0);
    wiz_key(&z, "Esc");
    wiz_card(&z, 2);
    wiz_wait(&z, "key matches certificate");
    assert_false(wiz_wrote(&z, "horse"));
    wiz_end(&z);
}

/* What the device presents is the chain, where there is one. */
static void test_chain(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall, AZURE);
    make_ca(&z);
    assert_int_equal(wiz_shell(&z, NULL,
                               "\"$COMCERT\" new intermediate --ca ca --name Line --key ec:p256 "
                               "--out line --passphrase-file pw -q"),
                     0);
    open_form(&z);
    choose_ec(&z);
    choose_ca(&z, "line/Line.crt", passphrase);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The cards have taken both files.");
    wiz_sees(&z, "with chain   pump-7.chain.pem", -1);
    wiz_key(&z, "Esc");
    wiz_card(&z, 1);
    wiz_wait(&z, "and 1 more certificate in the file");
    wiz_sees(&z, "pump-7.chain.pem  ", -1);
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    wiz_end(&z);
}

static void test_ca_refused(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall, AZURE);
    make_ca(&z);
    wiz_copy(&z, "pump-7-leaf.crt", "fixtures/pem/pump-7.crt");
    open_form(&z);
    choose_ec(&z);
    choose_ca(&z, "", "");
    press_make(&z);
    wiz_wait(&z, "No CA is named.");
    assert_string_equal(wiz_focused(&z), "CA");
    wiz_fill(&z, "CA", "none.crt");
    press_make(&z);
    wiz_wait(&z, "none.crt");
    assert_string_equal(wiz_focused(&z), "CA");
    wiz_fill(&z, "CA", "ca/Be");
    wiz_wait(&z, "ca/Bench.");
    wiz_key(&z, "Tab"); /* completes */
    assert_string_equal(wiz_focused(&z), "CA");
    assert_int_equal(strncmp(wiz_value(&z, "CA"), "ca/Bench.  ", 11), 0);
    wiz_key(&z, "F6");
    wiz_wait(&z, "The CA's certificate; F6 takes the folder");
    wiz_key(&z, "Esc");
    wiz_fill(&z, "CA", "ca");
    press_make(&z);
    wiz_wait(&z, "there is no passphrase for it");
    assert_string_equal(wiz_focused(&z), "Passphrase");
    vt_type(z.vt, passphrase);
    vt_settle(z.vt);
    wiz_fill(&z, "Days", "30000");
    press_make(&z);
    wiz_wait(&z, "would outlive its CA");
    assert_string_equal(wiz_focused(&z), "Days");
    wiz_sees(&z, "fix: take fewer, or none", WIZ_DIM);
    wiz_end(&z);
}

/* --- entries that are wrong ------------------------------------------------------------------- */

static void test_entries(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall,
          "profile = \"bench\"\n"
          "mqtt: { broker = \"b.example\"  client-id = \"first\"  topic = \"t\" }\n");
    open_form(&z);
    wiz_focus(&z, "Device ID");
    assert_string_equal(wiz_value(&z, "Device ID"), "first"); /* its client ID, to be changed */
    wiz_fill(&z, "Device ID", "");
    choose_ec(&z);
    press_make(&z);
    wiz_wait(&z, "The device ID is empty.");
    assert_string_equal(wiz_focused(&z), "Device ID");
    vt_type(z.vt, "a b");
    wiz_key(&z, "Enter"); /* to the next entry */
    assert_string_not_equal(wiz_focused(&z), "Device ID");
    press_make(&z);
    wiz_wait(&z, "holds a blank");
    wiz_fill(&z, "Device ID", "a*");
    wiz_wait(&z, "! ");
    wiz_fill(&z, "Device ID", "lone");
    wiz_fill(&z, "Days", "none");
    press_make(&z);
    wiz_wait(&z, "whole number of days from 1 to 36500");
    assert_string_equal(wiz_focused(&z), "Days");
    wiz_fill(&z, "Days", "0");
    press_make(&z);
    wiz_wait(&z, "whole number of days from 1 to 36500");
    wiz_fill(&z, "Days", "");
    wiz_fill(&z, "Folder", "/proc/none");
    press_make(&z);
    wiz_wait(&z, "/proc/none:");
    assert_string_equal(wiz_focused(&z), "Folder");
    wiz_fill(&z, "Folder", "job.cfg");
    press_make(&z);
    wiz_wait(&z, "job.cfg is not a folder");
    /* Esc leaves what was typed for the next time. */
    wiz_key(&z, "Esc");
    wiz_wait(&z, "Make a key and certificate...");
    open_form(&z);
    wiz_focus(&z, "Device ID");
    assert_string_equal(wiz_value(&z, "Device ID"), "lone");
    assert_int_equal(strncmp(wiz_value(&z, "Folder"), "job.cfg  ", 9), 0);
    wiz_sees(&z, "(*) ec:p256", -1);
    wiz_fill(&z, "Folder", "");
    press_make(&z);
    wiz_wait(&z, "The cards have taken both files.");
    wiz_sees(&z, "the broker has to be told of this certificate", -1);
    wiz_key(&z, "F9");
    wiz_wait(&z, "the job is not for Azure IoT Hub");
    wiz_end(&z);
}

static void test_aws(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall,
          "profile = \"bench\"\n"
          "mqtt: { preset = \"aws\"  device-id = \"pump-7\"\n"
          "  broker = \"a1b2c3d4e5f6g7-ats.iot.eu-west-1.amazonaws.com\" topic = \"t\" }\n");
    wiz_press(&z, "Register...");
    wiz_wait(&z, "AWS IoT console");
    wiz_end(&z);
}

/* --- while it runs ---------------------------------------------------------------------------- */

/* Esc closes the form and not what is being made: the cards take it. RSA takes a while. */
static void test_esc_meanwhile(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, &tall, AZURE);
    open_form(&z);
    wiz_focus(&z, "Key");
    wiz_keys(&z, "Right", 2);
    wiz_wait(&z, "(*) rsa:4096");
    wiz_focus(&z, "Make them");
    vt_type(z.vt, "\r");
    vt_key(z.vt, "Esc");
    wiz_wait(&z, "CN=pump-7, RSA 4096");
    wiz_wait(&z, "private key, RSA 4096");
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_signed),     cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_files_are_there), cmocka_unit_test(test_by_ca),
        cmocka_unit_test(test_chain),           cmocka_unit_test(test_ca_refused),
        cmocka_unit_test(test_entries),         cmocka_unit_test(test_aws),
        cmocka_unit_test(test_esc_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
