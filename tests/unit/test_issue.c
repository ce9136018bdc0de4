/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "pki/draft.h"
#include "pki/issue.h"
#include "support.h"

/* 2030-01-01, so that nothing here depends on the day. */
#define NOW ((time_t)1893456000)
#define DAY ((time_t)86400)

static char folder[64];

static int start(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/comcert-issue.XXXXXX");
    return support_start(state) != 0 || mkdtemp(folder) == NULL ? -1 : 0;
}

static int stop(void **state)
{
    char command[96];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || support_stop(state) != 0 ? -1 : 0;
}

static struct issue_wish wish_of(const char *id)
{
    return (struct issue_wish){.id = id, .key = NEW_KEY_EC_P256, .now = NOW, .out = folder};
}

static char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_ca(const char *name, int days)
{
    struct issue_wish wish = wish_of(name);
    struct issued made = {0};
    struct err err = {0};

    wish.days = days;
    assert_int_equal(issue_ca(&wish, NULL, &made, &err), 0);
    issued_reset(&made);
}

static struct authority *open_ca(const char *file, time_t now)
{
    struct authority *a = NULL;
    struct err err = {0};
    int rc = authority_open(path_of(file), NULL, now, true, &a, NULL, &err);

    if (rc != 0)
        fail_msg("%s", err.text);
    return a;
}

static struct credential *read_file(const char *path)
{
    struct findings findings = {0};
    struct credential *c = NULL;

    assert_int_equal(credential_read(path, (struct place){0}, NULL, &c, &findings), 0);
    assert_int_equal(findings.count, 0); /* what is made has nothing odd about it */
    findings_reset(&findings);
    return c;
}

/* --- names ------------------------------------------------------------------------------------ */

static void names_are_judged(void **state)
{
    static const char *const good[] = {"a", "pump-7", "a.b_c", "%*?!(),:=@$'", "#+", NULL};
    static const char *const bad[] = {"",     " a",   "a ",       "a/b",   "a\\b",
                                      "a\"b", "a\nb", "\xC3\xBC", "a\x7F", NULL};
    char long_name[70];
    struct err err;

    (void)state;
    for (size_t i = 0; good[i] != NULL; i++)
        assert_int_equal(issue_check_id(good[i], &err), 0);
    for (size_t i = 0; bad[i] != NULL; i++) {
        assert_int_equal(issue_check_id(bad[i], &err), ERR_VALUE);
        assert_true(err.text[0] != '\0' && err.remedy[0] != '\0');
    }
    memset(long_name, 'x', sizeof long_name);
    long_name[64] = '\0';
    assert_int_equal(issue_check_id(long_name, &err), 0);
    assert_int_equal(issue_check_ca_name(long_name, &err), 0);
    long_name[64] = 'x';
    long_name[65] = '\0';
    assert_int_equal(issue_check_id(long_name, &err), ERR_VALUE);
    assert_int_equal(issue_check_ca_name(long_name, &err), ERR_VALUE);
    assert_int_equal(issue_check_ca_name("Werk \xC3\x9C, Halle 3", &err), 0);
    assert_int_equal(issue_check_ca_name("a\xE2\x80\xAE"
                                         "b",
                                         &err),
                     ERR_VALUE);
    assert_int_equal(issue_check_ca_name("a\nb", &err), ERR_VALUE);
    assert_int_equal(issue_check_ca_name("", &err), ERR_VALUE);
}

static int hex(char c)
{
    const char *digits = "0123456789ABCDEF";

    return (int)(strchr(digits, c) - digits);
}

/* Any ID gives a plain file name, and no two IDs the same one. */
static void stems_can_be_read_back(void **state)
{
    static const char legal[] = "abcXYZ019-.%_*?!(),:=@$'#+";
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        char id[65], back[65];
        size_t n = 1 + (size_t)rand_r(&seed) % (round % 4 == 0 ? 64 : 4), at = 0;
        char *stem;

        for (size_t i = 0; i < n; i++)
            id[i] = legal[(size_t)rand_r(&seed) % (sizeof legal - 1)];
        id[n] = '\0';
        stem = issue_file_stem(id);
        assert_non_null(stem);
        assert_int_equal(strspn(stem, "abcXYZ0123456789ABCDEF-._%"), strlen(stem));
        assert_true(stem[0] != '.' && stem[0] != '-');
        for (const char *p = stem; *p != '\0'; p++) {
            back[at++] = *p == '%' ? (char)(hex(p[1]) * 16 + hex(p[2])) : *p;
            p += *p == '%' ? 2 : 0;
        }
        back[at] = '\0';
        assert_string_equal(back, id);
        free(stem);
    }
}

/* --- what is made ------------------------------------------------------------------------------
 */

static void self_signed_says_what_it_should(void **state)
{
    struct issue_wish wish = wish_of("pump-7");
    struct credential *cert, *key;
    const struct cert_info *info;
    struct issued made = {0};
    struct err err = {0};
    struct stat st;

    (void)state;
    assert_int_equal(issue_self_signed(&wish, &made, &err), 0);
    cert = read_file(made.cert_file);
    key = read_file(made.key_file);
    info = credential_cert(cert, 0);
    assert_string_equal(info->subject, "CN=pump-7");
    assert_true(info->self_signed);
    assert_false(info->is_ca);
    assert_int_equal(info->version, 3);
    assert_string_equal(info->eku, "clientAuth");
    assert_string_equal(info->key_usage, "digitalSignature");
    assert_true(info->not_before == NOW - 2 * DAY);
    assert_true(info->not_after == NOW + DAYS_DEVICE * DAY);
    assert_string_equal(info->sha1, made.sha1);
    assert_string_equal(info->sha256, made.sha256);
    assert_string_equal(info->serial, made.serial);
    assert_true(credential_key_matches(key, cert, 0));
    assert_null(credential_unfit(cert, 0, NOW));
    assert_int_equal(stat(made.key_file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_string_equal(issued_present_file(&made), made.cert_file);
    credential_destroy(cert);
    credential_destroy(key);
    /* Again: refused, and nothing changed. */
    assert_int_equal(issue_self_signed(&wish, &made, &err), ERR_BUSY);
    cert = read_file(path_of("pump-7.crt"));
    assert_string_equal(credential_cert(cert, 0)->sha256, made.sha256);
    credential_destroy(cert);
    issued_reset(&made);
}

static void years_past_2049(void **state)
{
    struct issue_wish wish = wish_of("old");
    struct issued made = {0};
    struct err err = {0};
    struct credential *cert;

    (void)state;
    wish.days = DAYS_MAX;
    assert_int_equal(issue_self_signed(&wish, &made, &err), 0);
    cert = read_file(made.cert_file);
    assert_true(credential_cert(cert, 0)->not_after == NOW + DAYS_MAX * DAY);
    credential_destroy(cert);
    issued_reset(&made);
    wish.id = "older";
    wish.days = DAYS_MAX + 1;
    assert_int_equal(issue_self_signed(&wish, &made, &err), ERR_VALUE);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void serial_numbers_are_positive_and_their_own(void **state)
{
    enum { COUNT = 1000 };
    static char serials[COUNT][SERIAL_TEXT];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        unsigned char serial[SERIAL_BYTES];
        struct err err;

        assert_int_equal(certify_serial(serial, &err), 0);
        assert_true(serial[0] >= 0x40 && serial[0] < 0x80);
        certify_serial_text(serial, serials[i]);
        assert_int_equal(strlen(serials[i]), 32);
    }
    qsort(serials, COUNT, sizeof serials[0], by_text);
    for (int i = 1; i < COUNT; i++)
        assert_string_not_equal(serials[i], serials[i - 1]);
}

static void a_device_never_outlives_its_ca(void **state)
{
    struct issue_wish wish = wish_of("brief");
    struct issued made = {0};
    struct authority *a;
    struct err err = {0};

    (void)state;
    make_ca("Short", 100);
    a = open_ca("Short.crt", NOW);
    wish.days = 101;
    assert_int_equal(issue_device(a, &wish, &made, &err), ERR_VALUE);
    assert_occurs(err.text, "outlive");
    wish.days = 0;
    assert_int_equal(issue_device(a, &wish, &made, &err), 0);
    assert_true(made.shortened);
    assert_true(made.not_after == NOW + 100 * DAY);
    assert_string_equal(made.issuer, "Short");
    authority_close(a);
    issued_reset(&made);
    /* Past its end it is no CA any more. */
    assert_int_equal(
        authority_open(path_of("Short.crt"), NULL, NOW + 101 * DAY, true, &a, NULL, &err),
        ERR_VALUE);
    assert_occurs(err.text, "expired 2030-04-11");
    assert_null(a);
}

static void a_chain_is_leaf_then_intermediate(void **state)
{
    struct issue_wish wish = wish_of("Line");
    struct issued made = {0};
    struct authority *a;
    struct credential *chain;
    struct err err = {0};

    (void)state;
    make_ca("Root", 0);
    a = open_ca("Root.crt", NOW);
    assert_int_equal(issue_intermediate(a, &wish, NULL, &made, &err), 0);
    assert_null(made.chain_file);
    authority_close(a);
    a = open_ca("Line.crt", NOW);
    wish.id = "below";
    assert_int_equal(issue_intermediate(a, &wish, NULL, &made, &err), ERR_VALUE);
    assert_occurs(err.text, "path length");
    assert_int_equal(issue_device(a, &wish, &made, &err), 0);
    assert_string_equal(issued_present_file(&made), made.chain_file);
    chain = read_file(made.chain_file);
    assert_int_equal(credential_cert_count(chain), 2);
    assert_int_equal(credential_leaf(chain), 0);
    assert_true(credential_issued_by(chain, 0, chain, 1));
    assert_string_equal(credential_cert(chain, 1)->common_name, "Line");
    credential_destroy(chain);
    authority_close(a);
    issued_reset(&made);
}

/* --- the index ----------------------------------------------------------------------------------
 */

static void a_serial_number_that_is_taken_is_not_used(void **state)
{
    struct issue_wish wish = wish_of("collide");
    struct draft d = {.kind = CERTIFY_DEVICE, .id = "collide", .usual_days = 10}, *drafts = &d;
    struct index_entry other = {.not_after = NOW + DAY, .common_name = (char[]){"other"}};
    struct authority *mine, *theirs;
    struct err err = {0};
    EVP_PKEY *signer;

    (void)state;
    make_ca("Collide", 0);
    mine = open_ca("Collide.crt", NOW);
    theirs = open_ca("Collide.crt", NOW);
    signer = keygen_open(&mine->pkcs8, &err);
    assert_int_equal(draft_date(&d, &wish, mine, &err), 0);
    assert_int_equal(draft_key(&d, NEW_KEY_EC_P256, NULL, &err), 0);
    assert_int_equal(draft_sign(&d, mine, signer, &err), 0);
    /* Somebody else issues the same number in between. */
    memcpy(other.serial, d.serial, sizeof d.serial);
    memset(other.sha256, 'A', 64);
    assert_int_equal(index_lock(theirs->index, &err), 0);
    assert_int_equal(index_append(theirs->index, &other, 1, &err), 0);
    index_unlock(theirs->index);
    assert_int_equal(draft_record(&drafts, 1, mine, &wish, &err), 0);
    assert_string_not_equal(d.serial, other.serial);
    assert_true(index_has_serial(mine->index, d.serial));
    assert_true(index_has_serial(mine->index, other.serial));
    /* Theirs learns of ours, and refuses the name. */
    assert_int_equal(draft_record(&drafts, 1, theirs, &wish, &err), ERR_BUSY);
    assert_occurs(err.text, d.serial);
    EVP_PKEY_free(signer);
    draft_reset(&d);
    authority_close(mine);
    authority_close(theirs);
}

static void the_index_finds_what_is_valid(void **state)
{
    struct issue_index *ix, *again;
    struct index_entry e[3] = {{.not_after = NOW + 5 * DAY, .common_name = (char[]){"a b\n"}},
                               {.not_after = NOW + 9 * DAY, .common_name = (char[]){"a b\n"}},
                               {.not_after = NOW - DAY, .common_name = (char[]){"gone"}}};
    const char *second = "40000000000000000000000000000001";
    struct err err = {0};

    (void)state;
    assert_int_equal(index_open(path_of("x.issued"), &ix, &err), 0);
    for (int i = 0; i < 3; i++) {
        snprintf(e[i].serial, sizeof e[i].serial, "4000000000000000000000000000000%d", i);
        memset(e[i].sha256, 'B', 64);
    }
    assert_int_equal(index_lock(ix, &err), 0);
    assert_int_equal(index_append(ix, e, 3, &err), 0);
    index_unlock(ix);
    assert_true(index_valid(ix, "a b\n", NOW)->not_after == NOW + 9 * DAY);
    assert_null(index_valid(ix, "gone", NOW));
    assert_null(index_valid(ix, "a", NOW));
    assert_null(index_valid(ix, "a b\n", NOW + 10 * DAY));
    assert_int_equal(index_open(path_of("x.issued"), &again, &err), 0);
    assert_int_equal(index_lock(again, &err), 0);
    assert_int_equal(index_void(again, &second, 1, &err), 0);
    index_unlock(again);
    assert_true(index_valid(again, "a b\n", NOW)->not_after == NOW + 5 * DAY);
    /* The first one sees it when it looks again. */
    assert_int_equal(index_lock(ix, &err), 0);
    index_unlock(ix);
    assert_true(index_valid(ix, "a b\n", NOW)->not_after == NOW + 5 * DAY);
    index_close(ix);
    index_close(again);
}

/* Any byte that is lost or changed in the structure of a line is noticed: never skipped. */
static void damage_in_the_index_is_noticed(void **state)
{
    static const char good[] =
        "# comcert index 1: serial, not after, SHA-256, common name\n"
        "40AA 2031-11-23T17:40:26Z "
        "E1E6DD63959727FDF306220EA8E9B98D0AC335F6C9ED50BAAA15A7018FD7BDDC pump-7\n";
    size_t name = strlen(good) - strlen("pump-7\n");
    struct issue_index *ix;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < name; i++) {
        char text[sizeof good];

        memcpy(text, good, sizeof good);
        text[i] = '\x01';
        assert_int_equal(file_write(path_of("bad.issued"), 0644, true, text, strlen(good), &err),
                         0);
        assert_int_equal(index_open(path_of("bad.issued"), &ix, &err), ERR_SYNTAX);
        assert_true(err.line == 1 || err.line == 2);
    }
    for (size_t n = 1; n < strlen(good); n++) {
        bool whole = good[n - 1] == '\n';

        assert_int_equal(file_write(path_of("bad.issued"), 0644, true, good, n, &err), 0);
        assert_int_equal(index_open(path_of("bad.issued"), &ix, &err), whole ? 0 : ERR_SYNTAX);
        index_close(whole ? ix : NULL);
    }
}

/* --- files that belong together -----------------------------------------------------------------
 */

static void all_files_or_none(void **state)
{
    char first[128], second[128];
    struct file_part parts[2] = {{first, 0600, "one", 3}, {second, 0644, "two", 3}};
    struct secret bytes = {0};
    struct err err = {0};

    (void)state;
    snprintf(first, sizeof first, "%s/part-1", folder);
    snprintf(second, sizeof second, "%s/part-2", folder);
    assert_int_equal(mkdir(second, 0755), 0);
    assert_int_not_equal(file_write_all(parts, 2, true, &err), 0);
    assert_false(file_is_there(first));
    assert_int_equal(file_write(first, 0600, false, "old", 3, &err), 0);
    assert_int_not_equal(file_write_all(parts, 2, true, &err), 0);
    assert_int_equal(file_read(first, 100, &bytes, &err), 0);
    assert_string_equal((char *)bytes.data, "old");
    assert_int_equal(rmdir(second), 0);
    assert_int_equal(file_write_all(parts, 2, false, &err), ERR_BUSY);
    assert_false(file_is_there(second));
    assert_int_equal(file_write_all(parts, 2, true, &err), 0);
    assert_int_equal(file_read(first, 100, &bytes, &err), 0);
    assert_string_equal((char *)bytes.data, "one");
    assert_true(file_is_there(second));
    secret_reset(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_judged),
        cmocka_unit_test(stems_can_be_read_back),
        cmocka_unit_test(self_signed_says_what_it_should),
        cmocka_unit_test(years_past_2049),
        cmocka_unit_test(serial_numbers_are_positive_and_their_own),
        cmocka_unit_test(a_device_never_outlives_its_ca),
        cmocka_unit_test(a_chain_is_leaf_then_intermediate),
        cmocka_unit_test(a_serial_number_that_is_taken_is_not_used),
        cmocka_unit_test(the_index_finds_what_is_valid),
        cmocka_unit_test(damage_in_the_index_is_noticed),
        cmocka_unit_test(all_files_or_none),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
