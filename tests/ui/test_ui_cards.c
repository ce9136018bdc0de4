/* SPDX-License-Identifier: MIT */
/* The three cards: paths, pasted text, what they show, and whether they agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wizard.h"

static const struct vt_options tall = {.rows = 50, .cols = 100};

/* The Certificates step of a job for Azure that names no file yet. */
static void start(struct wiz *z)
{
    wiz_folder(z);
    wiz_write(z, "job.cfg", 0600,
              "profile = \"bench\"\n"
              "mqtt: { preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\" }\n");
}

static void to_cards(struct wiz *z)
{
    wiz_start(z, &tall, "tui", "job.cfg", NULL);
    wiz_rehearse(z);
    wiz_step(z, 3);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* What would be completed stands dim behind the text; Tab takes it, as far as it is certain. */
static void test_completion(void **state)
{
    struct wiz z;
    int row;

    (void)state;
    start(&z);
    assert_int_equal(mkdir(wiz_path(&z, "stick"), 0700), 0);
    wiz_copy(&z, "stick/pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(&z, "stick/pump-7.key", "fixtures/pem/pump-7.key");
    to_cards(&z);
    wiz_fill_card(&z, 1, "st");
    wiz_wait(&z, "stick/");
    row = wiz_sees(&z, "stick/", -1);
    assert_int_equal(vt_cell(z.vt, row, 19).fg, WIZ_DIM);
    wiz_key(&z, "Tab");
    vt_type(z.vt, "p");
    wiz_wait(&z, "stick/pump-7."); /* two files go on from here */
    wiz_key(&z, "Tab");
    wiz_key(&z, "c");
    wiz_key(&z, "Tab");
    wiz_wait(&z, "stick/pump-7.crt");
    wiz_wait(&z, "subject  CN=pump-7");
    assert_string_equal(wiz_focused(&z), "File");
    wiz_key(&z, "Tab"); /* nothing is left to complete: to the next item */
    assert_string_equal(wiz_focused(&z), "Browse");
    wiz_end(&z);
}

/* Each column of a wide character, and what is put above another one. */
static void test_foreign_path(void **state)
{
    static const char folder[] = "\xE6\xB3\xB5\xE7\xAB\x99"; /* two wide characters */
    static const char name[] = "\xE6\xB3\xB5\xE7\xAB\x99/u\xCC\x88"
                               "ber.crt";
    struct wiz z;
    int row, col;

    (void)state;
    start(&z);
    assert_int_equal(mkdir(wiz_path(&z, folder), 0700), 0);
    wiz_copy(&z, name, "fixtures/pem/pump-7.crt");
    to_cards(&z);
    wiz_fill_card(&z, 1, name);
    wiz_wait(&z, "subject  CN=pump-7");
    assert_true(vt_find(z.vt, folder, &row, &col));
    assert_int_equal(col, 16);
    assert_int_equal(vt_cell(z.vt, row, 16).width, 2);
    assert_int_equal(vt_cell(z.vt, row, 17).width, 0);
    assert_int_equal(vt_cell(z.vt, row, 18).width, 2);
    assert_string_equal(vt_cell(z.vt, row, 20).text, "/");
    assert_string_equal(vt_cell(z.vt, row, 21).text, "u\xCC\x88");
    assert_int_equal(vt_cell(z.vt, row, 21).width, 1);
    assert_string_equal(vt_cell(z.vt, row, 22).text, "b");
    assert_true(vt_cursor(z.vt, &row, &col));
    assert_int_equal(col, 16 + 2 + 2 + 1 + (int)strlen("uber.crt"));
    wiz_keys(&z, "Left", (int)strlen("ber.crt"));
    wiz_key(&z, "Backspace"); /* a character goes with what is above it, or that alone */
    assert_int_equal(vt_cell(z.vt, row, 18).width, 2);
    wiz_key(&z, "F6");
    wiz_wait(&z, "A file for the device certificate");
    vt_type(z.vt, folder);
    wiz_wait(&z, "\xE6\xB3\xB5\xE7\xAB\x99/");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "u\xCC\x88"
                 "ber.crt");
    wiz_end(&z);
}

/* --- pasting ---------------------------------------------------------------------------------- */

/* A file of the repository. */
static void paste_file(struct wiz *z, const char *path)
{
    char *text;

    wiz_copy(z, "to paste", path);
    text = wiz_read(z, "to paste", NULL);
    vt_paste(z->vt, text);
    vt_settle(z->vt);
    free(text);
}

static const char *const good[] = {"fixtures/pem/digicert-global-root-g2.pem",
                                   "fixtures/pem/pump-7.crt", "fixtures/pem/pump-7.key"};
static const char *const shows[] = {"known as DigiCert Global Root G2", "subject  CN=pump-7",
                                    "private key, RSA 2048"};

static void test_paste_on_cards(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    to_cards(&z);
    for (int slot = 0; slot < 3; slot++) {
        wiz_card(&z, slot);
        paste_file(&z, good[slot]);
        wiz_wait(&z, shows[slot]);
        wiz_wait(&z, "held in memory, in no file");
        wiz_is_at(&z, 3);
    }
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

static void test_paste_box(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    to_cards(&z);
    for (int slot = 0; slot < 3; slot++) {
        wiz_card_button(&z, slot, "Paste");
        wiz_key(&z, "Enter");
        wiz_wait(&z, "Paste the PEM text now");
        paste_file(&z, good[slot]);
        wiz_wait(&z, shows[slot]);
        wiz_sees_not(&z, "Paste the PEM text now");
    }
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    wiz_card(&z, 2);
    wiz_key(&z, "F7");
    wiz_wait(&z, "Paste the private key");
    wiz_key(&z, "Esc"); /* the card stays as it is */
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

/* A terminal without bracketed paste types the text. */
static void test_paste_box_typed(void **state)
{
    struct wiz z;
    char *text, *cr;

    (void)state;
    start(&z);
    to_cards(&z);
    wiz_card(&z, 2);
    wiz_key(&z, "F7");
    wiz_wait(&z, "Paste the PEM text now");
    wiz_copy(&z, "k", good[2]);
    text = wiz_read(&z, "k", NULL);
    while ((cr = strchr(text, '\n')) != NULL)
        *cr = '\r';
    vt_type(z.vt, text);
    free(text);
    wiz_wait(&z, "28 lines>; ^D takes it");
    wiz_key(&z, "C-d");
    wiz_wait(&z, shows[2]);
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

/* A line end in what is pasted is never Enter. */
static void test_pasted_line_end(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    to_cards(&z);
    wiz_step(&z, 2);
    wiz_fill(&z, "IoT hub", "");
    vt_paste(z.vt, "your-hub\n");
    vt_settle(z.vt);
    assert_string_equal(wiz_focused(&z), "IoT hub");
    wiz_is_at(&z, 2);
    assert_string_equal(wiz_value(&z, "IoT hub"), "your-hub");
    wiz_fill(&z, "Device ID", "");
    vt_paste(z.vt, "one\ntwo\n\n");
    vt_settle(z.vt);
    assert_string_equal(wiz_focused(&z), "Device ID");
    assert_string_equal(wiz_value(&z, "Device ID"), "one two");
    wiz_fill(&z, "Device ID", "pump-7");
    wiz_step(&z, 3);
    wiz_card(&z, 0);
    vt_paste(z.vt, "none.pem\n");
    vt_settle(z.vt);
    assert_string_equal(wiz_value(&z, "File"), "none.pem");
    wiz_key(&z, "F4"); /* nor in a dialog */
    wiz_wait(&z, "Save the job");
    vt_paste(z.vt, "x\n");
    vt_settle(z.vt);
    wiz_sees(&z, "Save the job", -1);
    wiz_end(&z);
}

/* Rubbish is refused with its reason, on the card. */
static void test_paste_rubbish(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    to_cards(&z);
    wiz_card(&z, 1);
    vt_paste(z.vt, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    vt_settle(z.vt);
    wiz_wait(&z, "cannot be sent");
    wiz_sees(&z, "held in memory, in no file", -1);
    wiz_key(&z, "F3");
    wiz_is_at(&z, 3);
    wiz_end(&z);
}

/* --- agreement, and none ---------------------------------------------------------------------- */

static void test_mismatch(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    wiz_copy(&z, "pump-7.crt", good[1]);
    wiz_copy(&z, "pump-7.key", good[2]);
    wiz_copy(&z, "other.key", "fixtures/pem/other.key");
    to_cards(&z);
    wiz_fill_card(&z, 1, "pump-7.crt");
    wiz_fill_card(&z, 2, "other.key");
    wiz_wait(&z, "the private key does not belong to the device certificate");
    wiz_sees(&z, "cannot be sent", WIZ_BAD);
    assert_int_equal(
        strncmp(wiz_section(&z, wiz_sees(&z, "cannot be sent", -1)), "Private key", 11), 0);
    wiz_key(&z, "F3");
    wiz_is_at(&z, 3);
    wiz_fill_card(&z, 2, "pump-7.key");
    wiz_wait(&z, "key matches certificate");
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    wiz_sees(&z, "F3 goes on to Review", WIZ_GOOD);
    wiz_end(&z);
}

static void test_clear(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    wiz_copy(&z, "root.pem", good[0]);
    to_cards(&z);
    wiz_fill_card(&z, 0, "root.pem");
    wiz_wait(&z, shows[0]);
    wiz_card_button(&z, 0, "Clear");
    wiz_key(&z, "Enter");
    wiz_sees_not(&z, shows[0]);
    assert_string_equal(wiz_value(&z, "File"), "");
    assert_string_equal(wiz_focused(&z), "File");
    paste_file(&z, good[0]);
    wiz_wait(&z, shows[0]);
    wiz_card_button(&z, 0, "Clear");
    wiz_key(&z, "Enter");
    wiz_sees_not(&z, shows[0]);
    wiz_sees_not(&z, "held in memory");
    wiz_sees(&z, "TLS is used but there is no server CA", WIZ_WARN);
    wiz_end(&z);
}

/* --- foreign text ----------------------------------------------------------------------------- */

static void make_certificate(const struct wiz *z, const char *subject)
{
    char command[1024];

    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 400 -utf8"
             " -keyout made.key -out made.crt -subj \"$(printf '%s')\" 2>/dev/null",
             subject);
    assert_int_equal(wiz_shell(z, NULL, command), 0);
}

/* What could drive the terminal is drawn as what it is. */
static void test_hostile_subject(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    make_certificate(&z, "/CN=pump-7/O=a\\033]0;owned\\007b\\302\\2332Jc");
    to_cards(&z);
    wiz_fill_card(&z, 1, "made.crt");
    wiz_wait(&z, "subject ");
    wiz_sees(&z, "CN=pump-7", -1);
    wiz_sees(&z, "1B]0", -1);
    assert_false(wiz_wrote(&z, "\033]0;owned"));
    assert_false(wiz_wrote(&z, "\302\233"));
    wiz_key(&z, "F6");                        /* and in the browser */
    wiz_wait(&z, "CA certificate CN=pump-7"); /* as openssl req -x509 makes them */
    assert_false(wiz_wrote(&z, "\033]0;owned"));
    wiz_end(&z);
}

static void test_wide_subject(void **state)
{
    static const char wide[] = "\xE6\xB3\xB5\xE7\xAB\x99\xE5\x85\xAC\xE5\x8F\xB8"; /* four */
    struct wiz z;
    int row, col;

    (void)state;
    start(&z);
    make_certificate(&z,
                     "/O=\\346\\263\\265\\347\\253\\231\\345\\205\\254\\345\\217\\270/CN=pump-7");
    to_cards(&z);
    wiz_fill_card(&z, 1, "made.crt");
    wiz_wait(&z, "subject ");
    wiz_wait(&z, wide);
    assert_true(vt_find(z.vt, wide, &row, &col));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(vt_cell(z.vt, row, col + 2 * i).width, 2);
        assert_int_equal(vt_cell(z.vt, row, col + 2 * i + 1).width, 0);
    }
    assert_int_equal(vt_cell(z.vt, row, col + 8).width, 1);
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completion),      cmocka_unit_test(test_foreign_path),
        cmocka_unit_test(test_paste_on_cards),  cmocka_unit_test(test_paste_box),
        cmocka_unit_test(test_paste_box_typed), cmocka_unit_test(test_pasted_line_end),
        cmocka_unit_test(test_paste_rubbish),   cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_clear),           cmocka_unit_test(test_hostile_subject),
        cmocka_unit_test(test_wide_subject),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
