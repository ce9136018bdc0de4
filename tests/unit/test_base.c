/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/finding.h"
#include "base/secret.h"
#include "base/str.h"

/* --- str --- */

static void test_escape(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *want;
    } rows[] = {
        {"plain *+/", 9, "plain *+/"},
        {"", 0, ""},
        {"a\r\n\tb", 5, "a\\r\\n\\tb"},
        {"\\", 1, "\\\\"},
        {"\0\x1B[2J\x7F", 6, "\\x00\\x1B[2J\\x7F"},
        {"p\xC3\xBCmp \xE2\x82\xAC \xF0\x9F\x98\x80", 14,
         "p\xC3\xBCmp \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"\xC2\x85", 2, "\\u{0085}"},     /* C1 */
        {"\xC2\xA0", 2, "\xC2\xA0"},      /* first after C1 */
        {"\xE2\x80\xAE", 3, "\\u{202E}"}, /* right to left */
        {"\xE2\x80\x8E", 3, "\\u{200E}"}, /* what the Windows dialog adds */
        {"\xEF\xBB\xBF", 3, "\\u{FEFF}"}, /* byte order mark */
        {"\xC0\x80", 2, "\\xC0\\x80"},    /* overlong */
        {"\xE0\x80\xAF", 3, "\\xE0\\x80\\xAF"},
        {"\xF0\x80\x80\xAF", 4, "\\xF0\\x80\\x80\\xAF"},
        {"\xED\xA0\x80", 3, "\\xED\\xA0\\x80"},          /* surrogate */
        {"\xF4\x90\x80\x80", 4, "\\xF4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
        {"\xF4\x8F\xBF\xBF", 4, "\xF4\x8F\xBF\xBF"},
        {"\xFF\xFE", 2, "\\xFF\\xFE"},
        {"\xE2\x82", 2, "\\xE2\\x82"}, /* cut off */
        {"\xE2", 1, "\\xE2"},
        {"\x80", 1, "\\x80"},
        {"\xE2\x41\x42", 3,
         "\\xE2"
         "AB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        char fixed[64];

        str_escape(&out, rows[i].bytes, rows[i].n);
        assert_string_equal(out.data != NULL ? out.data : "", rows[i].want);
        str_escape_to(fixed, sizeof fixed, rows[i].bytes, rows[i].n);
        assert_string_equal(fixed, rows[i].want);
        buf_reset(&out);
    }
}

/* What is cut is marked, never inside a character or an escape, and never beyond the space. */
static void test_escape_cut(void **state)
{
    static const char text[] = "ab\xE2\x82\xAC\r\xF0\x9F\x98\x80xyz";
    struct buf whole = {0};

    (void)state;
    str_escape(&whole, text, sizeof text - 1);
    for (size_t size = 0; size < whole.len + 3; size++) {
        char *space = malloc(size > 0 ? size : 1); /* so that a sanitizer sees its end */
        size_t len;

        str_escape_to(space, size, text, sizeof text - 1);
        if (size > 0) {
            len = strlen(space);
            assert_true(len < size);
            if (size > whole.len)
                assert_string_equal(space, whole.data);
            else if (size > 3)
                assert_string_equal(space + len - 3, "...");
            if (len > 3) {
                struct buf again = {0};

                assert_memory_equal(space, whole.data, len - 3);
                /* Escaping twice changes only backslashes: what is left is whole UTF-8. */
                str_escape(&again, space, len);
                assert_null(strstr(again.data, "\\xE2"));
                assert_null(strstr(again.data, "\\xF0"));
                buf_reset(&again);
            }
        }
        free(space);
    }
    buf_reset(&whole);
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"server-ca", "device-cert", "device-key", "port", NULL};
    static const struct {
        const char *word, *want;
    } rows[] = {
        {"device-crt", "device-cert"},
        {"device_key", "device-key"},
        {"sevrer-ca", "server-ca"},
        {"prot", "port"},
        {"port", "port"},
        {"ports", "port"},
        {"device-certificate", NULL},
        {"xyz", NULL},
        {"", NULL},
        {"pt", NULL},
        {"p", NULL},
    };
    char longest[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = str_nearest(rows[i].word, words);

        if (rows[i].want == NULL)
            assert_null(got);
        else
            assert_string_equal(got, rows[i].want);
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(str_nearest(longest, words));
}

static void test_lists(void **state)
{
    (void)state;
    assert_true(str_in_list("device-key", "device-cert,device-key"));
    assert_true(str_in_list("device-key", " device-key , abort"));
    assert_false(str_in_list("device", "device-cert,device-key"));
    assert_false(str_in_list("", ",,"));
    assert_false(str_in_list("a", ""));
    assert_true(str_starts("abc", "ab"));
    assert_false(str_starts("a", "ab"));
    assert_true(str_ends("abc", "bc"));
    assert_false(str_ends("c", "bc"));
    assert_null(str_copy(NULL));
}

/* --- buf --- */

static void test_buf(void **state)
{
    struct buf b = {0};
    char *text;

    (void)state;
    buf_printf(&b, "%d-%s", 7, "x");
    for (int i = 0; i < 1000; i++)
        buf_add_char(&b, 'y');
    buf_add(&b, "\0z", 2);
    assert_int_equal(b.len, 3 + 1000 + 2);
    assert_memory_equal(b.data, "7-xy", 4);
    assert_int_equal(b.data[b.len], '\0');
    buf_reset(&b);
    assert_null(b.data);
    text = buf_take(&b);
    assert_string_equal(text, "");
    free(text);
    b.failed = true;
    buf_add_str(&b, "x");
    assert_null(b.data);
    assert_null(buf_take(&b));
    assert_false(b.failed);
}

/* --- secret --- */

static void test_secret(void **state)
{
    struct secret s = {0}, t = {0};
    unsigned char block[5000];

    (void)state;
    memset(block, 0xA5, sizeof block);
    assert_int_equal(secret_append(&s, "key", 3, NULL), 0);
    assert_string_equal((char *)s.data, "key");
    assert_int_equal(secret_append(&s, block, sizeof block, NULL), 0);
    assert_int_equal(s.len, 3 + sizeof block);
    assert_int_equal(s.data[s.len], 0);
    assert_memory_equal(s.data, "key", 3);
    assert_memory_equal(s.data + 3, block, sizeof block);
    secret_move(&t, &s);
    assert_null(s.data);
    assert_int_equal(t.len, 3 + sizeof block);
    assert_int_equal(secret_set(&t, "n", 1, NULL), 0);
    assert_string_equal((char *)t.data, "n");
    /* A part of itself. */
    assert_int_equal(secret_set(&t, "abc", 3, NULL), 0);
    assert_int_equal(secret_set(&t, t.data + 1, 2, NULL), 0);
    assert_string_equal((char *)t.data, "bc");
    secret_reset(&t);
    assert_int_equal(secret_set(&t, NULL, 0, NULL), 0);
    assert_int_equal(t.len, 0);
    assert_int_equal(secret_append(&t, "", SIZE_MAX, NULL), ERR_NOMEM);
    assert_int_equal(secret_reserve(&t, SIZE_MAX, NULL), ERR_NOMEM);
    secret_reset(&t);
    mem_wipe(NULL, 0);
}

/* Exactly full pages still end with a NUL. */
static void test_secret_page(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *block = calloc(1, page);

    (void)state;
    for (size_t n = page - 2; n <= page; n++) {
        struct secret s = {0};

        assert_int_equal(secret_set(&s, block, n, NULL), 0);
        assert_true(s.capacity > n);
        assert_int_equal(s.data[n], 0);
        secret_reset(&s);
    }
    free(block);
}

/* --- finding --- */

static void assert_wrapped(size_t width, size_t column, const char *text, const char *expected)
{
    struct buf b = {0};

    str_wrap(&b, width, column, 4, text);
    assert_false(b.failed);
    assert_string_equal(b.data != NULL ? b.data : "", expected);
    buf_reset(&b);
}

static void test_wrap(void **state)
{
    (void)state;
    assert_wrapped(0, 0, "one line, however long it is", "one line, however long it is");
    assert_wrapped(10, 0, "12345 7890", "12345 7890");
    assert_wrapped(10, 0, "12345 78901", "12345\n    78901");
    assert_wrapped(10, 5, "12345 7890", "12345\n    7890");
    assert_wrapped(10, 0, "12345 12345678901234 b", "12345\n    12345678901234\n    b");
    assert_wrapped(10, 0, "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA4 7890",
                   "\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA4 7890");
    assert_wrapped(20, 0, "\\x1B is kept, \x1B not", "\\x1B is kept, \\x1B\n    not");
    assert_wrapped(10, 0, "", "");
}

static void assert_placed(const char *key, const char *file, int line, const char *what,
                          const char *expected)
{
    struct buf b = {0};

    place_add_text(&b, (struct place){key, file, line}, what);
    assert_string_equal(b.data, expected);
    buf_reset(&b);
}

static void test_places(void **state)
{
    (void)state;
    assert_placed("mqtt.port", "a.cfg", 3, "is wrong", "a.cfg:3: is wrong");
    assert_placed("mqtt.port", "a.cfg", 0, "is wrong", "a.cfg: is wrong");
    assert_placed("mqtt.port", NULL, 3, "is wrong", "mqtt.port: is wrong");
    assert_placed("mqtt.port", "", 3, "mqtt.port is wrong", "mqtt.port is wrong");
    assert_placed("mqtt.port", "a.cfg", 3, "a.cfg cannot be read", "a.cfg cannot be read");
    assert_placed(NULL, NULL, 0, "is wrong", "is wrong");
}

static void test_findings(void **state)
{
    struct findings list = {0}, more = {0};
    struct place place = {.key = "mqtt.port", .file = "a.cfg", .line = 3};

    (void)state;
    assert_int_equal(findings_worst(&list), SEVERITY_NOTE);
    findings_add(&list, SEVERITY_NOTE, "one", (struct place){0}, NULL, "n%d", 1);
    findings_add(&list, SEVERITY_ERROR, "two", place, "fix", "e");
    for (int i = 0; i < 20; i++)
        findings_add(&more, SEVERITY_WARNING, "three", place, NULL, "w%d", i);
    findings_take(&list, &more);
    assert_int_equal(more.count, 0);
    assert_int_equal(list.count, 22);
    findings_sort(&list);
    assert_string_equal(list.items[0].code, "two");
    assert_string_equal(list.items[0].key, "mqtt.port");
    assert_string_equal(list.items[0].remedy, "fix");
    assert_int_equal(list.items[0].line, 3);
    for (int i = 0; i < 20; i++) {
        char want[8];

        snprintf(want, sizeof want, "w%d", i);
        assert_string_equal(list.items[1 + i].what, want);
    }
    assert_string_equal(list.items[21].what, "n1");
    assert_null(list.items[21].key);
    assert_int_equal(findings_count(&list, SEVERITY_WARNING), 20);
    assert_int_equal(findings_worst(&list), SEVERITY_ERROR);
    assert_non_null(findings_get(&list, "three"));
    assert_null(findings_get(&list, "four"));
    findings_reset(&list);
    more.lost = true;
    findings_take(&list, &more);
    assert_true(list.lost);
    assert_int_equal(findings_worst(&list), SEVERITY_ERROR);
    findings_reset(&list);
    assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
}

/* The same words at the same place are told once, whatever they are about. */
static void test_findings_once(void **state)
{
    struct findings list = {0}, more = {0};
    struct place here = {.key = "a", .file = "a.cfg", .line = 3};
    struct place same = {.key = "b", .file = "a.cfg", .line = 3};
    struct place below = {.key = "a", .file = "a.cfg", .line = 4};

    (void)state;
    findings_add(&list, SEVERITY_ERROR, "one", here, "fix", "words");
    findings_add(&more, SEVERITY_ERROR, "one", same, NULL, "words");
    findings_add(&more, SEVERITY_ERROR, "one", below, NULL, "words");
    findings_add(&more, SEVERITY_ERROR, "one", here, NULL, "other words");
    findings_add(&more, SEVERITY_ERROR, "two", here, NULL, "words");
    findings_take_new(&list, &more);
    assert_int_equal(more.count, 0);
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[0].remedy, "fix");
    assert_int_equal(list.items[1].line, 4);
    assert_string_equal(list.items[2].what, "other words");
    assert_string_equal(list.items[3].code, "two");
    more.lost = true;
    findings_take_new(&list, &more);
    assert_true(list.lost);
    findings_reset(&list);
}

/* --- err --- */

static void test_err(void **state)
{
    struct err err;
    char longest[1000];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(err_set_at(&err, ERR_VALUE, "a.cfg", 7, "%s", longest), ERR_VALUE);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_string_equal(err.file, "a.cfg");
    assert_int_equal(err.line, 7);
    err_remedy(&err, "do %s", "it");
    assert_string_equal(err.remedy, "do it");
    assert_int_equal(err_set_errno(&err, EACCES, "cannot open %s", "x"), ERR_ACCESS);
    assert_string_equal(err.text, "cannot open x: Permission denied");
    assert_string_equal(err.file, "");
    assert_string_equal(err.remedy, "");
    assert_int_equal(err_set_errno(&err, ENOENT, "%s", longest), ERR_MISSING);
    assert_int_equal(err_set_errno(NULL, ENOMEM, "x"), ERR_NOMEM);
    assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
    err_remedy(NULL, "x");
}

/* --- file --- */

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/comcert-base-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
    struct dirent *entry;
    DIR *d = opendir(dir);

    (void)state;
    while ((entry = readdir(d)) != NULL)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    return rmdir(dir);
}

static const char *in_dir(const char *name)
{
    static char path[2][160];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static size_t files_in_dir(void)
{
    struct dirent *entry;
    size_t n = 0;
    DIR *d = opendir(dir);

    while ((entry = readdir(d)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void test_file_read(void **state)
{
    struct secret text = {0};
    struct err err;

    (void)state;
    assert_int_equal(file_write(in_dir("a"), 0600, false, "a\0b", 3, &err), 0);
    assert_int_equal(file_read(in_dir("a"), 3, &text, &err), 0);
    assert_int_equal(text.len, 3);
    assert_memory_equal(text.data, "a\0b", 4);
    assert_int_equal(file_read(in_dir("a"), 2, &text, &err), ERR_VALUE);
    assert_int_equal(text.len, 0);
    assert_int_equal(file_read(in_dir("none"), 2, &text, &err), ERR_MISSING);
    assert_int_equal(file_write(in_dir("empty"), 0600, false, "", 0, &err), 0);
    assert_int_equal(file_read(in_dir("empty"), 0, &text, &err), 0);
    assert_int_equal(text.len, 0);
    assert_string_equal((char *)text.data, "");
    secret_reset(&text);
}

/* Nobody writes into the FIFO: reading it would never end. */
static void test_file_read_odd(void **state)
{
    struct secret text = {0};
    struct err err;

    (void)state;
    assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
    assert_int_equal(file_read(in_dir("fifo"), 100, &text, &err), ERR_VALUE);
    assert_non_null(strstr(err.text, "a pipe"));
    assert_int_equal(file_read(dir, 100, &text, &err), ERR_VALUE);
    assert_non_null(strstr(err.text, "a folder"));
    assert_int_equal(file_read("/dev/zero", 100, &text, &err), ERR_VALUE);
    assert_non_null(strstr(err.text, "a device"));
    assert_null(text.data);
}

static void test_file_read_denied(void **state)
{
    struct err err;
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(file_write(in_dir("mine"), 0600, false, "x", 1, &err), 0);
    assert_int_equal(chmod(dir, 0755), 0);
    child = fork(); /* root may read everything */
    if (child == 0) {
        struct secret text = {0};

        if (getuid() == 0 && setuid(65534) != 0)
            _exit(2);
        if (getuid() != 65534)
            _exit(chmod(in_dir("mine"), 0) == 0 &&
                          file_read(in_dir("mine"), 9, &text, &err) == ERR_ACCESS
                      ? 0
                      : 1);
        _exit(file_read(in_dir("mine"), 9, &text, &err) == ERR_ACCESS ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_file_write(void **state)
{
    struct secret text = {0};
    struct stat st;
    struct err err;

    (void)state;
    assert_int_equal(file_write(in_dir("f"), 0600, false, "one", 3, &err), 0);
    assert_int_equal(stat(in_dir("f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_false(file_is_readable_by_others(in_dir("f")));
    assert_int_equal(file_write(in_dir("f"), 0600, false, "two", 3, &err), ERR_BUSY);
    assert_int_equal(file_read(in_dir("f"), 9, &text, &err), 0);
    assert_string_equal((char *)text.data, "one");
    assert_int_equal(file_write(in_dir("f"), 0644, true, "two", 3, &err), 0);
    assert_true(file_is_readable_by_others(in_dir("f")));
    assert_int_equal(file_read(in_dir("f"), 9, &text, &err), 0);
    assert_string_equal((char *)text.data, "two");
    assert_int_equal(file_write(in_dir("no/f"), 0600, true, "x", 1, &err), ERR_MISSING);
    assert_int_equal(mkdir(in_dir("sub"), 0700), 0);
    assert_true(file_write(in_dir("sub"), 0600, true, "x", 1, &err) < 0);
    assert_int_equal(rmdir(in_dir("sub")), 0);
    assert_int_equal(files_in_dir(), 1); /* no temporary file is left anywhere */
    assert_false(file_is_readable_by_others(in_dir("none")));
    secret_reset(&text);
}

/* The disc is full in the middle of writing: the old content stays, and nothing else. */
static void test_file_write_atomic(void **state)
{
    char block[8192] = {0};
    struct err err;
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(file_write(in_dir("f"), 0600, false, "old", 3, &err), 0);
    child = fork();
    if (child == 0) {
        struct secret text = {0};
        const struct rlimit limit = {4096, 4096};
        bool ok = true;

        signal(SIGXFSZ, SIG_IGN);
        ok &= setrlimit(RLIMIT_FSIZE, &limit) == 0;
        ok &= file_write(in_dir("f"), 0600, true, block, sizeof block, &err) == ERR_IO;
        ok &= file_read(in_dir("f"), 9, &text, &err) == 0;
        ok &= text.len == 3 && memcmp(text.data, "old", 3) == 0;
        ok &= files_in_dir() == 1;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_line_fd(void **state)
{
    static const struct {
        const char *sent, *want;
    } rows[] = {
        {"secret\nrest", "secret"},
        {"secret\r\n", "secret"},
        {"secret", "secret"},
        {"\n", ""},
        {"", ""},
        {"12345678\n", "12345678"},
        {"123456789\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct secret line = {0};
        struct err err;
        int fd[2], rc;

        assert_int_equal(pipe(fd), 0);
        assert_int_equal(write(fd[1], rows[i].sent, strlen(rows[i].sent)),
                         (ssize_t)strlen(rows[i].sent));
        close(fd[1]);
        rc = file_read_line_fd(fd[0], 8, &line, &err);
        if (rows[i].want == NULL) {
            assert_int_equal(rc, ERR_VALUE);
            assert_null(line.data);
            assert_null(strstr(err.text, "1234"));
        } else {
            assert_int_equal(rc, 0);
            assert_string_equal((char *)line.data, rows[i].want);
        }
        secret_reset(&line);
        close(fd[0]);
    }
}

static void test_resolve(void **state)
{
    static const struct {
        const char *base, *path, *want;
    } rows[] = {
        {"jobs/a.cfg", "b.pem", "jobs/b.pem"},
        {"jobs/a.cfg", "/b.pem", "/b.pem"},
        {"a.cfg", "b.pem", "b.pem"},
        {NULL, "b.pem", "b.pem"},
        {"/a.cfg", "b.pem", "/b.pem"},
        {"jobs/a.cfg", "~/b.pem", "/home/me/b.pem"},
        {"jobs/a.cfg", "~b.pem", "jobs/~b.pem"},
    };

    (void)state;
    setenv("HOME", "/home/me", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = file_resolve(rows[i].base, rows[i].path);

        assert_string_equal(got, rows[i].want);
        free(got);
    }
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_escape_cut),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_secret_page),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_err),
        WITH_DIR(test_file_read),
        WITH_DIR(test_file_read_odd),
        WITH_DIR(test_file_read_denied),
        WITH_DIR(test_file_write),
        WITH_DIR(test_file_write_atomic),
        cmocka_unit_test(test_line_fd),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_findings_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
