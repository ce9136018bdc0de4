/* SPDX-License-Identifier: MIT */
/* The Broker step's tools: the sheet, the SAS token, and the probe, against a real broker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wizard.h"

/* One folder for all: its PKI and broker are made once. */
static struct wiz z;
static pid_t broker;
static int broker_port;

/* --- the broker ------------------------------------------------------------------------------- */

static int connect_to(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = connect(fd, (struct sockaddr *)&at, sizeof at);

    close(fd);
    return rc;
}

/* A shell with the command line's helpers, whose $dir is the folder. */
static char *bash(const char *commands)
{
    char cwd[512], line[3000], *out;

    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(line, sizeof line,
             "bash -c 'dir=$PWD; . %s/tests/e2e/material.bash; . %s/tests/e2e/broker.bash; %s'",
             cwd, cwd, commands);
    assert_int_equal(wiz_shell(&z, &out, line), 0);
    return out;
}

static bool run_broker(void)
{
    broker = fork();
    if (broker == 0) {
        /* A test that fails leaves no broker behind. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (freopen("/dev/null", "w", stderr) != NULL)
            execl("/bin/sh", "sh", "-c", "PATH=$PATH:/usr/sbin; exec mosquitto -c \"$0\"",
                  wiz_path(&z, "broker.conf"), (char *)NULL);
        _exit(127);
    }
    while (connect_to(broker_port) != 0) {
        if (waitpid(broker, NULL, WNOHANG) == broker)
            return false;
        usleep(10000);
    }
    return true;
}

static int set_up(void **state)
{
    bool up = false;

    (void)state;
    wiz_folder(&z);
    free(bash("make_pki $dir/pki; new_ca $dir/pki stranger"));
    for (int i = 0; i < 3 && !up; i++) {
        char *port = bash("broker_port=$(free_port) plain_port=$(free_port);"
                          "write_broker_config $dir/pki; make_broker_job $dir/pki >broker.cfg;"
                          "echo $broker_port");

        broker_port = atoi(port);
        free(port);
        up = run_broker();
    }
    return up ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (broker > 0) {
        kill(broker, SIGTERM);
        waitpid(broker, NULL, 0);
    }
    wiz_end(&z);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    wiz_stop(&z);
    return 0;
}

static size_t count_logins(void)
{
    char *log = wiz_read(&z, "broker.log", NULL);
    size_t n = 0;

    for (const char *at = log; at != NULL && (at = strstr(at, " as dev-1 ")) != NULL; at++)
        n++;
    free(log);
    return n;
}

/* --- on the Broker step ----------------------------------------------------------------------- */

static void start(const char *job)
{
    wiz_start(&z, NULL, "tui", job, NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 2);
}

static void start_azure(const char *further)
{
    char job[1024];

    snprintf(job, sizeof job,
             "profile = \"bench\"\nmqtt: { preset = \"azure\"  hub = \"my-hub\"  device-id = "
             "\"pump-7\" }\n%s\n",
             further);
    wiz_write(&z, "azure.cfg", 0600, job);
    start("azure.cfg");
}

/* --- the sheet -------------------------------------------------------------------------------- */

static void test_sheet(void **state)
{
    static const char username[] = "my-hub.azure-devices.net/pump-7/?api-version=2021-04-12";
    char *text, *alone;
    int row, col;

    (void)state;
    start_azure("");
    wiz_press(&z, "Settings sheet");
    wiz_wait(&z, "To be entered in WA Manager");
    /* Alone between the box's edges. */
    assert_true(vt_find(z.vt, username, &row, &col));
    alone = strdup(wiz_text(&z, row, 5, 74));
    assert_string_equal(alone + strspn(alone, " "), username);
    free(alone);
    wiz_keys(&z, "PgDn", 6);
    wiz_sees(&z, "Device Private Key", -1);
    wiz_key(&z, "Esc");
    wiz_sees_not(&z, "Device Private Key");
    wiz_key(&z, "F6");
    wiz_key(&z, "F4");
    wiz_wait(&z, "Save the sheet");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The sheet was saved as pump-7-sheet.txt");
    text = wiz_read(&z, "pump-7-sheet.txt", NULL);
    assert_non_null(strstr(text, "    devices/pump-7/messages/events/\n"));
    assert_non_null(strstr(text, username));
    assert_non_null(strstr(text, "today: "));
    free(text);
}

/* --- the token -------------------------------------------------------------------------------- */

#define KEY "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

static void open_token(const char *key)
{
    wiz_write(&z, "pump-7.sas", 0600, "precious\n");
    unlink(wiz_path(&z, "pump-7.sas"));
    wiz_write(&z, "pump.key", 0600, key);
    start_azure("");
    wiz_key(&z, "F8");
    wiz_wait(&z, "For device pump-7 at my-hub.azure-devices.net");
    wiz_fill(&z, "Key file", "pump.k");
    vt_settle(z.vt);
    wiz_key(&z, "Tab"); /* completes */
    wiz_sees(&z, "pump.key", -1);
}

/* Signed as openssl signs it. */
static void assert_signed(void)
{
    static const char command[] =
        "t=$(cat pump-7.sas); sr=${t#*sr=}; sr=${sr%%&*}; se=${t##*&se=}; sig=${t#*&sig=};"
        "sig=${sig%%&*}; k=$(base64 -d pump.key | od -An -vtx1 | tr -d \" \\n\");"
        "want=$(printf \"%s\\n%s\" \"$sr\" \"$se\" | openssl dgst -sha256 -mac HMAC "
        "-macopt hexkey:$k -binary | base64 | sed \"s/+/%2B/g; s/\\//%2F/g; s/=/%3D/g\");"
        "[ \"$sr\" = my-hub.azure-devices.net%2Fdevices%2Fpump-7 ] && [ \"$sig\" = \"$want\" ]";

    assert_int_equal(wiz_shell(&z, NULL, command), 0);
}

static void test_token(void **state)
{
    (void)state;
    open_token(KEY "\n");
    wiz_press(&z, "Make the token");
    wiz_wait(&z, "The token is good until");
    wiz_sees(&z, "by the hub's clock", WIZ_GOOD);
    assert_int_equal(wiz_mode(&z, "pump-7.sas"), 0600);
    assert_signed();
    wiz_key(&z, "Enter"); /* Close */
    assert_true(vt_wait_gone(z.vt, "The token is good until"));
    assert_non_null(strstr(wiz_value(&z, "Password file"), "pump-7.sas"));
    wiz_sees_not(&z, "no password");
    assert_false(wiz_wrote(&z, "SharedAccessSignature"));
    assert_false(wiz_wrote(&z, "MDEyMzQ1"));
}

static void test_connection_string(void **state)
{
    (void)state;
    open_token("HostName=my-hub.azure-devices.net;DeviceId=pump-7;SharedAccessKey=" KEY "\n");
    wiz_press(&z, "Make the token");
    wiz_wait(&z, "connection string");
    wiz_sees(&z, "Make the token", -1);
    assert_int_equal(wiz_mode(&z, "pump-7.sas"), -1);
    assert_false(wiz_wrote(&z, "MDEyMzQ1"));
    wiz_fill(&z, "Key file", "none.key");
    wiz_press(&z, "Make the token");
    wiz_wait(&z, "none.key");
    vt_settle(z.vt);
    wiz_sees(&z, "No such file or directory", WIZ_BAD);
    wiz_key(&z, "Esc");
    wiz_sees(&z, "no password", -1);
}

static void test_token_is_there(void **state)
{
    char *text;

    (void)state;
    open_token(KEY);
    wiz_write(&z, "pump-7.sas", 0600, "precious\n");
    wiz_press(&z, "Make the token");
    wiz_wait(&z, "There is such a file");
    wiz_key(&z, "Enter"); /* the harmless answer */
    vt_settle(z.vt);
    text = wiz_read(&z, "pump-7.sas", NULL);
    assert_string_equal(text, "precious\n");
    free(text);
    wiz_press(&z, "Make the token");
    wiz_wait(&z, "There is such a file");
    wiz_press(&z, "Replace it");
    wiz_wait(&z, "The token is good until");
    assert_signed();
}

static void test_no_token(void **state)
{
    (void)state;
    start_azure(
        "certificates: { device-cert = \"pki/dev-1.crt\"  device-key = \"pki/dev-1.key\" }");
    wiz_press(&z, "SAS token");
    wiz_wait(&z, "No token: the device logs in with its certificate");
    wiz_focus(&z, "IoT hub");
    wiz_key(&z, "BackTab");
    wiz_key(&z, "Left");
    wiz_sees_not(&z, "[ SAS token ]");
    wiz_key(&z, "F8");
    wiz_wait(&z, "No token: a SAS token is what Azure IoT Hub takes");
}

/* --- the probe -------------------------------------------------------------------------------- */

/* The job for the broker with one text replaced. */
static void change_job(const char *from, const char *to)
{
    char command[512];

    snprintf(command, sizeof command, "sed \"s,%s,%s,\" broker.cfg >changed.cfg", from, to);
    assert_int_equal(wiz_shell(&z, NULL, command), 0);
}

static void begin(const char *how_far)
{
    wiz_wait(&z, "How far?");
    wiz_sees(&z, "throws a device off that is connected as dev-1", WIZ_WARN);
    wiz_press(&z, how_far);
}

static void test_up_to_tls(void **state)
{
    size_t before = count_logins();

    (void)state;
    start("broker.cfg");
    wiz_press(&z, "Try at the broker");
    begin("Only up to TLS");
    wiz_wait(&z, "OK As far as TLS all is well");
    wiz_sees(&z, "TLS, as device", -1);
    assert_int_equal(count_logins(), before);
    wiz_key(&z, "Esc");
    wiz_sees_not(&z, "As far as TLS");
    wiz_sees(&z, "F3 goes on to Certificates", -1);
}

static void test_login(void **state)
{
    size_t before = count_logins();

    (void)state;
    start("broker.cfg");
    wiz_step(&z, 4);
    wiz_press(&z, "Try at the broker");
    begin("Log in and publish");
    wiz_wait(&z, "OK These settings and credentials work");
    wiz_sees(&z, "OK These settings", WIZ_GOOD);
    wiz_sees(&z, "MQTT connect", -1);
    wiz_sees(&z, "publish", -1);
    assert_int_equal(count_logins(), before + 1);
    wiz_key(&z, "F7"); /* again */
    wiz_wait(&z, "OK These settings and credentials work");
    wiz_press(&z, "Close");
    wiz_sees(&z, "Ready: Load sends it", -1);
    assert_true(count_logins() > before);
}

static void test_nothing_listens(void **state)
{
    char *free_port = bash("free_port"), port[32];

    (void)state;
    snprintf(port, sizeof port, "port = %d", atoi(free_port));
    free(free_port);
    change_job("port = [0-9]*", port);
    start("changed.cfg");
    wiz_key(&z, "F7");
    begin("Log in");
    wiz_wait(&z, "NOT OK A device with these settings");
    wiz_sees(&z, "FAIL", WIZ_BAD);
    wiz_sees(&z, "nothing listens", -1);
    wiz_sees(&z, "fix: ", -1);
    wiz_sees(&z, "not tried", WIZ_DIM);
}

static void test_wrong_root(void **state)
{
    int row;

    (void)state;
    change_job("pki/root.crt", "pki/stranger.crt");
    start("changed.cfg");
    wiz_key(&z, "F7");
    begin("Log in");
    wiz_wait(&z, "NOT OK A device with these settings");
    row = wiz_sees(&z, "FAIL", WIZ_BAD);
    assert_non_null(strstr(wiz_text(&z, row, 0, 80), "TLS, as device"));
    wiz_sees(&z, "fix: ", -1);
}

static void test_what_is_missing(void **state)
{
    (void)state;
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 2);
    wiz_key(&z, "F7");
    wiz_wait(&z, "Not yet: fill in Broker IP first");
    wiz_stop(&z);
    change_job("pki/dev-1.key", "pki/server.key");
    start("changed.cfg");
    wiz_key(&z, "F7");
    begin("Log in");
    wiz_wait(&z, "nothing went over the network");
    wiz_sees(&z, "key", -1);
}

/* --- a broker that says nothing --------------------------------------------------------------- */

static int listen_silently(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char port[32];

    assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    snprintf(port, sizeof port, "port = %d", ntohs(at.sin_port));
    change_job("port = [0-9]*", port);
    return fd;
}

static pid_t child(void)
{
    char path[64], pid[32] = "";
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)vt_pid(z.vt), (int)vt_pid(z.vt));
    f = fopen(path, "r");
    assert_non_null(f);
    if (fgets(pid, sizeof pid, f) == NULL)
        pid[0] = '\0';
    fclose(f);
    return (pid_t)atoi(pid);
}

static int hang(void)
{
    int fd = listen_silently();

    start("changed.cfg");
    wiz_key(&z, "F7");
    begin("Only up to TLS");
    wiz_wait(&z, "...  TLS, own roots");
    assert_true(child() > 0);
    return fd;
}

static void test_stop(void **state)
{
    int fd = hang();

    (void)state;
    wiz_key(&z, "Esc");
    wiz_sees(&z, "Stopped.", WIZ_WARN);
    assert_int_equal(child(), 0);
    wiz_press(&z, "Try again");
    wiz_wait(&z, "...  TLS, own roots");
    wiz_click(&z, "[ Stop ]");
    wiz_sees(&z, "Stopped.", WIZ_WARN);
    assert_int_equal(child(), 0);
    vt_resize(z.vt, 40, 120);
    wiz_wait(&z, "Stopped.");
    wiz_key(&z, "Esc");
    wiz_sees_not(&z, "Stopped.");
    close(fd);
}

static void test_quit(void **state)
{
    int fd = hang(), status = -1;
    pid_t pid = child();

    (void)state;
    kill(vt_pid(z.vt), SIGTERM);
    assert_true(vt_exited(z.vt, &status));
    assert_int_equal(status, 130 << 8);
    assert_true(vt_is_sane(z.vt));
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_sheet, stop),
        cmocka_unit_test_teardown(test_token, stop),
        cmocka_unit_test_teardown(test_connection_string, stop),
        cmocka_unit_test_teardown(test_token_is_there, stop),
        cmocka_unit_test_teardown(test_no_token, stop),
        cmocka_unit_test_teardown(test_up_to_tls, stop),
        cmocka_unit_test_teardown(test_login, stop),
        cmocka_unit_test_teardown(test_nothing_listens, stop),
        cmocka_unit_test_teardown(test_wrong_root, stop),
        cmocka_unit_test_teardown(test_what_is_missing, stop),
        cmocka_unit_test_teardown(test_stop, stop),
        cmocka_unit_test_teardown(test_quit, stop),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
