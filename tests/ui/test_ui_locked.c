/* SPDX-License-Identifier: MIT */
/* Encrypted keys: the passphrase is asked for, typed unseen, and never comes to light. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wizard.h"

static const char passphrase[] = "correct horse";

static void start(struct wiz *z, const char *options)
{
    wiz_folder(z);
    wiz_copy(z, "pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "encrypted.key", "fixtures/pem/encrypted.key");
    wiz_copy(z, "modern.p12", "fixtures/pem/modern.p12");
    wiz_write(z, "job.cfg", 0600, options);
    wiz_start(z, NULL, "tui", "job.cfg", NULL);
}

static void to_cards(struct wiz *z)
{
    wiz_rehearse(z);
    wiz_step(z, 3);
}

static const char no_files[] = "profile = \"bench\"\n"
                               "mqtt: { preset = \"azure\"  hub = \"my-hub\"  "
                               "device-id = \"pump-7\" }\n";

static void give(struct wiz *z, const char *text)
{
    wiz_wait(z, "is encrypted");
    vt_type(z->vt, text);
    vt_settle(z->vt);
    wiz_wait(z, "***");
    vt_key(z->vt, "Enter");
}

static void test_wrong_then_right(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, no_files);
    to_cards(&z);
    wiz_fill_card(&z, 1, "pump-7.crt");
    wiz_fill_card(&z, 2, "encrypted.key");
    wiz_wait(&z, "Enter asks for its passphrase.");
    wiz_sees_not(&z, "Unlock"); /* who types is not interrupted */
    wiz_key(&z, "Enter");
    give(&z, "wrong horse");
    wiz_wait(&z, "That was not it.");
    wiz_sees(&z, "That was not it.", WIZ_BAD);
    wiz_sees_not(&z, "***"); /* to be typed anew */
    give(&z, passphrase);
    wiz_wait(&z, "private key, RSA 2048");
    wiz_sees_not(&z, "Enter asks");
    wiz_key(&z, "PgDn");
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    assert_false(wiz_wrote(&z, "horse"));
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

/* Later is an answer too; the card goes on saying what it waits for. */
static void test_later(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, no_files);
    to_cards(&z);
    wiz_card(&z, 2);
    wiz_key(&z, "F6");
    wiz_wait(&z, "encrypted private key");
    vt_type(z.vt, "encr");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "decrypted in memory only.");
    wiz_key(&z, "Esc");
    wiz_wait(&z, "Enter asks for its passphrase.");
    wiz_sees(&z, "Not yet: ", WIZ_WARN);
    wiz_key(&z, "F3");
    wiz_is_at(&z, 3);
    wiz_end(&z);
}

/* What was typed behind the Enter was typed blindly: it does nothing, be it keys or text. */
static void test_typed_ahead(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, no_files);
    to_cards(&z);
    wiz_fill_card(&z, 2, "encrypted.key");
    wiz_wait(&z, "Enter asks for its passphrase.");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "is encrypted");
    vt_type(z.vt, passphrase);
    vt_settle(z.vt);
    vt_type(z.vt, "\rblind\033[21~\r"); /* F10 is in it */
    wiz_wait(&z, "private key, RSA 2048");
    vt_settle(z.vt);
    assert_string_equal(wiz_value(&z, "File"), "");
    wiz_card(&z, 2);
    wiz_sees(&z, "encrypted.key  ", -1);
    wiz_sees_not(&z, "blind");
    wiz_sees_not(&z, "Leave?");
    wiz_end(&z);
}

/* Pasted and locked. */
static void test_pasted(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z, no_files);
    to_cards(&z);
    wiz_card(&z, 2);
    text = wiz_read(&z, "encrypted.key", NULL);
    vt_paste(z.vt, text);
    free(text);
    wiz_wait(&z, "The pasted text is encrypted");
    vt_paste(z.vt, "correct horse\n"); /* the passphrase too may be pasted; it submits nothing */
    vt_settle(z.vt);
    wiz_sees(&z, "The pasted text is encrypted", -1);
    wiz_sees(&z, "*************", -1);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "private key, RSA 2048");
    assert_false(wiz_wrote(&z, "horse"));
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

/* One file for two slots: what opens it for one opens it for the other. */
static void test_pkcs12_asks_once(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, no_files);
    to_cards(&z);
    wiz_fill_card(&z, 1, "modern.p12");
    wiz_wait(&z, "Enter asks for its passphrase.");
    wiz_fill_card(&z, 2, "modern.p12");
    wiz_wait(&z, "Enter asks for its passphrase.");
    wiz_key(&z, "Enter");
    give(&z, passphrase);
    wiz_wait(&z, "private key, RSA 2048");
    vt_settle(z.vt);
    wiz_sees_not(&z, "is encrypted");
    wiz_card(&z, 1);
    wiz_wait(&z, "subject  CN=pump-7");
    assert_false(wiz_wrote(&z, "horse"));
    wiz_end(&z);
}

/* The same for a job that names it twice. */
static void test_pkcs12_of_a_job(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, "profile = \"bench\"\n"
              "mqtt: { preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\" }\n"
              "certificates: { device-cert = \"modern.p12\"  device-key = \"modern.p12\" }\n");
    give(&z, passphrase);
    vt_settle(z.vt);
    wiz_sees_not(&z, "is encrypted");
    to_cards(&z);
    wiz_card(&z, 2);
    wiz_wait(&z, "private key, RSA 2048");
    wiz_key(&z, "F3");
    wiz_is_at(&z, 4);
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_then_right), cmocka_unit_test(test_later),
        cmocka_unit_test(test_typed_ahead),      cmocka_unit_test(test_pasted),
        cmocka_unit_test(test_pkcs12_asks_once), cmocka_unit_test(test_pkcs12_of_a_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
