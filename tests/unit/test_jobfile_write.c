/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "device/plan.h"
#include "job/jobfile.h"
#include "job/preset.h"
#include "pki/pki.h"

#define JOBS "fixtures/jobs/"

static char folder[] = "/tmp/comcert-write-XXXXXX";
static char target[64]; /* folder/sub/job.cfg */

static void read_job(const char *path, struct job *job)
{
    struct findings f = {0};

    job_init(job);
    if (jobfile_read(path, NULL, 0, job, &f) != 0)
        fail_msg("%s: %s", path, f.items[0].what);
    findings_reset(&f);
}

static void write_job(const struct job *job, const char *path)
{
    struct err err = {0};

    if (jobfile_write(job, path, true, &err) != 0)
        fail_msg("%s: %s", path, err.text);
}

/* --- equal jobs ------------------------------------------------------------------------------- */

static void same_text(const char *a, const char *b, const char *what)
{
    if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0))
        fail_msg("%s: \"%s\" became \"%s\"", what, a != NULL ? a : "(none)",
                 b != NULL ? b : "(none)");
}

static char *absolute(const char *path)
{
    char *out = NULL;
    struct err err;

    if (path != NULL)
        assert_int_equal(file_name_from("/nowhere", path, &out, &err), 0);
    return out;
}

static void same_path(const char *a, const char *b, const char *what)
{
    char *x = absolute(a), *y = absolute(b);

    same_text(x, y, what);
    free(x);
    free(y);
}

static void same_profile(const struct job *a, const struct job *b)
{
    char *x = file_resolve(a->file, a->profile), *y = file_resolve(b->file, b->profile);

    if (strpbrk(a->profile, "/.") == NULL)
        same_text(a->profile, b->profile, "profile");
    else
        same_path(x, y, "profile");
    free(x);
    free(y);
}

static const char *given(const struct job *job, int setting)
{
    return job->settings[setting].derived ? NULL : job->settings[setting].value;
}

static void same_job(const struct job *a, const struct job *b)
{
    same_profile(a, b);
    same_text(a->device, b->device, "device");
    assert_memory_equal(&a->line.frame, &b->line.frame, sizeof a->line.frame);
    assert_int_equal(a->line.baud, b->line.baud);
    assert_int_equal(a->line.flow, b->line.flow);
    assert_int_equal(a->line.dtr, b->line.dtr);
    assert_int_equal(a->line.rts, b->line.rts);
    assert_int_equal(a->preset, b->preset);
    same_text(a->hub, b->hub, "hub");
    same_text(a->device_id, b->device_id, "device-id");
    for (int i = 0; i < SETTING_COUNT; i++)
        same_text(given(a, i), given(b, i), setting_info((enum setting)i)->name);
    same_path(a->password_file, b->password_file, "password-file");
    for (int i = 0; i < SLOT_COUNT; i++)
        same_path(a->credentials[i].path, b->credentials[i].path, slot_name((enum slot)i));
    assert_int_equal(a->transfer.retries, b->transfer.retries);
    assert_int_equal(a->transfer.window, b->transfer.window);
    same_text(a->transfer.terminator, b->transfer.terminator, "terminator");
    assert_int_equal(a->transfer.result_timeout_ms, b->transfer.result_timeout_ms);
    assert_int_equal(a->transfer.prompt_timeout_ms, b->transfer.prompt_timeout_ms);
    assert_int_equal(a->accept_all_assumed, b->accept_all_assumed);
    same_text(a->accept_assumed, b->accept_assumed, "accept-assumed");
}

/* --- the fixtures ----------------------------------------------------------------------------- */

static struct plan *make_plan(struct job *job, const struct profile *profile)
{
    const struct passphrase_source nobody = {0};
    const struct plan_options options = {.is_pty = true};
    struct findings f = {0};
    struct plan *plan = NULL;
    struct err err;

    assert_int_equal(preset_apply(job, &err), 0);
    if (job_load_credentials(job, &nobody, &f) == 0 &&
        plan_create(job, profile, &options, &plan, &f) != 0)
        assert_null(plan);
    findings_reset(&f);
    return plan;
}

static void same_secret(const struct secret *a, const struct secret *b)
{
    assert_int_equal(a->len, b->len);
    if (a->len > 0)
        assert_memory_equal(a->data, b->data, a->len);
}

static void same_plan(const struct plan *a, const struct plan *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct exchange *x = &a->exchanges[i], *y = &b->exchanges[i];

        assert_string_equal(x->name, y->name);
        same_secret(&x->command, &y->command);
        same_secret(&x->body, &y->body);
        same_text(x->prompt, y->prompt, "prompt");
        same_text(x->terminator, y->terminator, "terminator");
        assert_int_equal(x->result_timeout, y->result_timeout);
        assert_int_equal(x->prompt_timeout, y->prompt_timeout);
    }
    assert_memory_equal(&a->line, &b->line, sizeof a->line);
    assert_int_equal(a->retries, b->retries);
    assert_int_equal(a->window, b->window);
}

static bool check_fixture(const char *path, const struct profile *bench)
{
    struct findings f = {0};
    struct job job, back;
    struct plan *before, *after;
    bool planned;

    job_init(&job);
    if (jobfile_read(path, NULL, 0, &job, &f) != 0) {
        findings_reset(&f);
        return false;
    }
    write_job(&job, target);
    read_job(target, &back);
    same_job(&job, &back);
    before = make_plan(&job, bench);
    after = make_plan(&back, bench);
    planned = before != NULL;
    assert_int_equal(planned, after != NULL);
    if (planned)
        same_plan(before, after);
    /* What a preset derived is not what the user gave. */
    write_job(&job, target);
    job_reset(&back);
    read_job(target, &back);
    same_job(&job, &back);
    plan_destroy(before);
    plan_destroy(after);
    job_reset(&job);
    job_reset(&back);
    return planned;
}

static void test_fixtures(void **state)
{
    struct findings f = {0};
    struct profile *bench;
    size_t planned = 0;
    glob_t g;

    (void)state;
    assert_int_equal(profile_load("bench", NULL, (struct place){0}, &bench, &f), 0);
    assert_int_equal(glob(JOBS "*.cfg", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        planned += check_fixture(g.gl_pathv[i], bench);
    assert_true(planned >= 5);
    globfree(&g);
    profile_destroy(bench);
}

/* --- any job ---------------------------------------------------------------------------------- */

static unsigned seed = 7;

static size_t below(size_t n)
{
    return (size_t)rand_r(&seed) % n;
}

static char *pick(const char *const *list, size_t n)
{
    return below(3) == 0 ? NULL : strdup(list[below(n)]);
}

static char *random_text(size_t max)
{
    static const char *const pieces[] = {"\"",
                                         "\\",
                                         "\n",
                                         "\r\n",
                                         "\t",
                                         "\x01",
                                         "\x1B[2J",
                                         "\x7F",
                                         "\x80",
                                         "\xC3\xBC",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         "@include \"x\"",
                                         "\n@include \"x\"",
                                         "\\x00",
                                         "\\n",
                                         "#",
                                         "//",
                                         "/*",
                                         "*/",
                                         "{",
                                         "}",
                                         "=",
                                         ";",
                                         ",",
                                         " ",
                                         "../",
                                         "~/",
                                         "./",
                                         "/",
                                         "a",
                                         "pump-7",
                                         "true",
                                         "8883",
                                         "x=y",
                                         "\xFF",
                                         "\xE2\x80\xAE"};
    struct buf b = {0};
    size_t want = below(8) == 0 ? max : 1 + below(max < 40 ? max : 40);

    while (b.len < want)
        buf_add_str(&b, pieces[below(sizeof pieces / sizeof *pieces)]);
    b.data[want] = '\0';
    return buf_take(&b);
}

static char *maybe_text(size_t max)
{
    return below(3) == 0 ? NULL : random_text(max);
}

static void random_settings(struct job *job)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        static const char *const flags[] = {"true", "false"};
        char port[8];
        const char *ports[] = {port};

        snprintf(port, sizeof port, "%zu", 1 + below(65535));
        job->settings[i].value = i == SETTING_PASSWORD ? NULL
                                 : i == SETTING_PORT   ? pick(ports, 1)
                                 : i == SETTING_TLS    ? pick(flags, 2)
                                                       : maybe_text(1024);
        job->settings[i].derived = job->settings[i].value != NULL && below(5) == 0;
    }
}

static void random_job(struct job *job)
{
    static const char *const profiles[] = {"bench",     "infinite",     "./bench", "a.cfg",
                                           "sub/b.cfg", "/tmp/x y.cfg", "~/p.cfg", "../\"q\".cfg"};
    static const char *const accepted[] = {"device-key", "device-cert,device-key,abort", "true",
                                           "false", "sync,some-profile"};
    static const char *const frames[] = {"", "8N1", "7E2"};

    job_init(job);
    job->profile = strdup(profiles[below(sizeof profiles / sizeof *profiles)]);
    job->device = maybe_text(1024);
    job->line.baud = below(2) == 0 ? 0 : 50 + (long)below(4000000 - 49);
    snprintf(job->line.frame, sizeof job->line.frame, "%s", frames[below(3)]);
    job->line.flow = (enum flow)below(4);
    job->line.dtr = (enum modem_line)below(4);
    job->line.rts = (enum modem_line)below(4);
    job->preset = (enum preset)below(3);
    job->hub = maybe_text(1024);
    job->device_id = maybe_text(1024);
    random_settings(job);
    job->password_file = maybe_text(1024);
    assert_int_equal(secret_set(&job->password, "hunter-2", 8, NULL), 0);
    for (int i = 0; i < SLOT_COUNT; i++)
        job->credentials[i].path = maybe_text(1024);
    job->transfer.retries = (int)below(11) - 1;
    job->transfer.window = (long)below(65537);
    job->transfer.terminator = below(2) == 0 ? strdup("\x7F") : maybe_text(8);
    job->transfer.result_timeout_ms = below(2) == 0 ? 0 : 100 + (long)below(3599901);
    job->transfer.prompt_timeout_ms = below(2) == 0 ? 0 : 100 + (long)below(3599901);
    job->accept_all_assumed = below(4) == 0;
    if (!job->accept_all_assumed)
        job->accept_assumed = pick(accepted, sizeof accepted / sizeof *accepted);
}

static void assert_no_secret(const char *path)
{
    struct secret text = {0};
    struct err err;

    assert_int_equal(file_read(path, 1 << 20, &text, &err), 0);
    assert_null(strstr((const char *)text.data, "hunter-2"));
    for (size_t i = 0; i < text.len; i++)
        assert_true(text.data[i] == '\n' || (text.data[i] >= 0x20 && text.data[i] != 0x7F));
    secret_reset(&text);
}

static void test_random(void **state)
{
    (void)state;
    for (int i = 0; i < 400; i++) {
        struct job job, back;

        random_job(&job);
        write_job(&job, target);
        assert_no_secret(target);
        read_job(target, &back);
        same_job(&job, &back);
        job_reset(&job);
        job_reset(&back);
    }
}

/* --- form, paths ------------------------------------------------------------------------------ */

static void put(char **at, const char *text)
{
    free(*at);
    *at = strdup(text);
}

static void test_form(void **state)
{
    static const char want[] = "profile = \"infinite\"\n"
                               "mqtt : {\n"
                               "  preset = \"azure\"\n"
                               "  hub = \"my-hub\"\n"
                               "  device-id = \"pump-7\"\n"
                               "}\n"
                               "certificates : {\n"
                               "  server-ca = \"pem/digicert-global-root-g2.pem\"\n"
                               "  device-cert = \"pem/pump-7.crt\"\n"
                               "  device-key = \"pem/pump-7.key\"\n"
                               "}\n";
    struct buf out = {0};
    struct err err;
    struct job job;

    (void)state;
    read_job(JOBS "pump-7.cfg", &job);
    assert_int_equal(preset_apply(&job, &err), 0);
    assert_int_equal(jobfile_print(&job, "fixtures", &out, &err), 0);
    assert_string_equal(out.data, want);
    buf_reset(&out);
    job_reset(&job);
}

/* In the order of the schema, every key. */
static void test_order(void **state)
{
    struct buf out = {0};
    struct err err;
    struct job job;
    const char *at;

    (void)state;
    read_job(JOBS "full.cfg", &job);
    assert_int_equal(jobfile_print(&job, JOBS, &out, &err), 0);
    at = out.data;
    for (const struct config_key *key = jobfile_schema(); key->path != NULL; key++) {
        const char *dot = strrchr(key->path, '.');

        at = strstr(at, dot != NULL ? dot + 1 : key->path);
        if (at == NULL)
            fail_msg("%s is not in its place:\n%s", key->path, out.data);
    }
    buf_reset(&out);
    job_reset(&job);
}

/* In the form that a file in `in` would have it. */
static void assert_name(const char *in, const char *path, const char *want)
{
    char *name;
    struct err err = {0};

    if (file_name_from(in, path, &name, &err) != 0)
        fail_msg("%s", err.text);
    same_text(want, name, path);
    free(name);
}

static void test_names(void **state)
{
    char cwd[4096], want[8192];

    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_name("fixtures", "fixtures/pem/x.pem", "pem/x.pem");
    assert_name("fixtures/", "./fixtures//pem/./x.pem", "pem/x.pem");
    assert_name("fixtures/jobs", "fixtures/jobs/../jobs/x.pem", "x.pem");
    assert_name(".", "x.pem", "x.pem");
    assert_name(".", "~/x.pem", "./~/x.pem");
    assert_name("/", "/x/y", "x/y");
    assert_name("/no/such", "/no/such/x", "x");
    assert_name("/no/suc", "/no/such/x", "/no/such/x");
    assert_name("/no/such/x", "/no/such/x", "/no/such/x");
    assert_name("/no/such", "/no//other/./x", "/no/other/x");
    snprintf(want, sizeof want, "%s/fixtures/pem/x.pem", cwd);
    assert_name("fixtures/jobs", "fixtures/jobs/../pem/x.pem", want);
    assert_name("fixtures/jobs", want, want);
    snprintf(want, sizeof want, "%s/fixtures/none/../x.pem", cwd);
    assert_name(folder, "fixtures/none/../x.pem", want);
    /* Through a link to the folder, and a link that is the file itself. */
    snprintf(want, sizeof want, "%s/link", folder);
    assert_int_equal(symlink("sub", want), 0);
    snprintf(want, sizeof want, "%s/link/x.pem", folder);
    assert_int_equal(symlink("/etc/hostname", want), 0);
    assert_name(folder, want, "sub/x.pem");
    snprintf(cwd, sizeof cwd, "%s/sub", folder);
    assert_name(cwd, want, "x.pem");
}

/* A profile's path is seen from the job file, and stays a path. */
static void test_profile(void **state)
{
    static const struct {
        const char *file, *profile, *want;
    } rows[] = {
        {NULL, "bench", "profile = \"bench\"\n"},
        {"/a/job.cfg", "infinite", "profile = \"infinite\"\n"},
        {"/a/job.cfg", "./mine", "profile = \"./mine\"\n"},
        {"/a/job.cfg", "mine.cfg", "profile = \"mine.cfg\"\n"},
        {"/a/b/job.cfg", "p/mine.cfg", "profile = \"b/p/mine.cfg\"\n"},
        {"/c/job.cfg", "../mine.cfg", "profile = \"/c/../mine.cfg\"\n"},
        {"/c/job.cfg", "/a/mine", "profile = \"./mine\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        struct err err;
        struct job job;

        job_init(&job);
        put(&job.profile, rows[i].profile);
        if (rows[i].file != NULL)
            put(&job.file, rows[i].file);
        assert_int_equal(jobfile_print(&job, "/a", &out, &err), 0);
        assert_string_equal(out.data, rows[i].want);
        buf_reset(&out);
        job_reset(&job);
    }
}

/* --- what cannot be written ------------------------------------------------------------------- */

static void assert_refused(struct job *job, const char *words)
{
    struct buf out = {0};
    struct err err = {0};

    if (jobfile_print(job, "/a", &out, &err) != ERR_VALUE)
        fail_msg("written:\n%s", out.data);
    assert_int_equal(err.code, ERR_VALUE);
    if (strstr(err.text, words) == NULL)
        fail_msg("%s", err.text);
    assert_null(out.data);
    job_reset(job);
    job_init(job);
    put(&job->profile, "bench");
}

static void test_refused(void **state)
{
    char long_text[1026];
    struct job job;

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    job_init(&job);
    assert_refused(&job, "`profile` is missing");
    put(&job.settings[SETTING_PORT].value, "08883");
    assert_refused(&job, "`port`");
    put(&job.settings[SETTING_PORT].value, "many");
    assert_refused(&job, "`port`");
    put(&job.settings[SETTING_PORT].value, "65536");
    assert_refused(&job, "`port` is 65536");
    put(&job.settings[SETTING_TLS].value, "yes");
    assert_refused(&job, "`tls`");
    put(&job.hub, "");
    assert_refused(&job, "`hub` is empty");
    put(&job.settings[SETTING_TOPIC].value, long_text);
    assert_refused(&job, "`topic` has 1025 bytes");
    put(&job.transfer.terminator, "123456789");
    assert_refused(&job, "`terminator`");
    memcpy(job.line.frame, "9N1", 4);
    assert_refused(&job, "`frame`");
    put(&job.accept_assumed, "Bad_Name");
    assert_refused(&job, "Bad_Name");
    put(&job.accept_assumed, "device-key,abort");
    job.accept_all_assumed = true;
    assert_refused(&job, "`accept-assumed`");
    job_reset(&job);
}

/* Names that "everything" covers are no loss. */
static void test_accept_all(void **state)
{
    struct buf out = {0};
    struct err err;
    struct job job;

    (void)state;
    job_init(&job);
    put(&job.profile, "bench");
    put(&job.accept_assumed, "device-key");
    job.accept_all_assumed = true;
    assert_int_equal(jobfile_print(&job, "/a", &out, &err), 0);
    assert_non_null(strstr(out.data, "accept-assumed = true\n"));
    buf_reset(&out);
    job_reset(&job);
}

static void test_file(void **state)
{
    struct stat st;
    struct err err;
    struct job job, back;

    (void)state;
    read_job(JOBS "pump-7.cfg", &job);
    write_job(&job, target);
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    put(&job.hub, "another");
    assert_int_equal(jobfile_write(&job, target, false, &err), ERR_BUSY);
    read_job(target, &back);
    assert_string_equal(back.hub, "my-hub");
    job_reset(&back);
    put(&job.hub, "");
    assert_int_equal(jobfile_write(&job, target, true, &err), ERR_VALUE);
    read_job(target, &back);
    assert_string_equal(back.hub, "my-hub");
    put(&job.hub, "another");
    assert_int_equal(jobfile_write(&job, "/nonexistent/x.cfg", true, &err), ERR_MISSING);
    job_reset(&back);
    job_reset(&job);
}

static int start(void **state)
{
    char sub[64];

    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(sub, sizeof sub, "%s/sub", folder);
    snprintf(target, sizeof target, "%s/sub/job.cfg", folder);
    return mkdir(sub, 0700);
}

static int stop(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixtures), cmocka_unit_test(test_random),
        cmocka_unit_test(test_form),     cmocka_unit_test(test_order),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_profile),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_accept_all),
        cmocka_unit_test(test_file),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, start, stop);
}
