/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/shell.h"
#include "base/str.h"
#include "cmd/new.h"

/* "a key and a certificate for pump-7" */
static int say_made(const struct new_run *run, const struct issued *made, const char *words,
                    struct err *err)
{
    struct buf what = {0};
    int rc;

    buf_printf(&what, "%s %s", words, made->id);
    rc = new_say(run, made, what.data != NULL ? what.data : words, err);
    buf_reset(&what);
    return rc;
}

/* The device ID as a word for a shell. */
static char *quoted(const char *id)
{
    struct buf out = {0};

    shell_word(&out, id);
    return buf_take(&out);
}

int new_self_signed(struct new_run *run, struct err *err)
{
    struct issued made = {0};
    int rc = issue_self_signed(&run->wish, &made, err);
    char *id = rc == 0 ? quoted(made.id) : NULL;

    if (rc == 0)
        rc = say_made(run, &made, "Made a key and a self-signed certificate for", err);
    if (rc == 0) {
        new_say_job(run, made.cert_file, made.key_file);
        new_say_next(run, "In Azure: IoT Hub, Devices, Add device, X.509 Self-Signed; paste one of "
                          "the thumbprints as primary and as secondary. Or:");
        new_say_next(run,
                     "az iot hub device-identity create -n HUB -d %s --am x509_thumbprint --ptp %s",
                     id != NULL ? id : "ID", made.sha256);
        new_say_next(run, "The hub refuses the device once the certificate has ended: put the day "
                          "into a calendar.");
    }
    free(id);
    issued_reset(&made);
    return rc;
}

static void say_ca_signed(const struct new_run *run, const struct issued *made)
{
    char *id = quoted(made->id);

    new_say_job(run, issued_present_file(made), made->key_file);
    new_say_next(run, "In Azure: IoT Hub, Devices, Add device, X.509 CA Signed. Or:");
    new_say_next(run, "az iot hub device-identity create -n HUB -d %s --am x509_ca",
                 id != NULL ? id : "ID");
    free(id);
}

int new_device(struct new_run *run, struct err *err)
{
    const char *list = args_value(run->args, OPT_LIST);
    struct issued made = {0};
    int rc;

    if (list != NULL)
        return new_list(run, list, err);
    rc = issue_check_id(run->wish.id, err);
    if (rc == 0)
        rc = new_open_ca(run, err);
    if (rc == 0)
        rc = issue_device(run->authority, &run->wish, &made, err);
    if (rc == 0)
        rc = say_made(run, &made, "Made a key and a certificate for", err);
    if (rc == 0)
        say_ca_signed(run, &made);
    issued_reset(&made);
    return rc;
}

int new_csr(struct new_run *run, struct err *err)
{
    struct issued made = {0};
    int rc = issue_csr(&run->wish, &made, err);

    if (rc == 0)
        rc = say_made(run, &made, "Made a key and a certificate request for", err);
    if (rc == 0) {
        new_say_job(run, NULL, made.key_file);
        new_say_next(run, "Send the request, never the key, to whoever has the CA: "
                          "`comcert new sign --ca CA FILE.csr` there makes the certificate.");
    }
    issued_reset(&made);
    return rc;
}

/* The name that is asked for is the requester's word; the one that is certified is ours. */
static void note_other_name(struct new_run *run, const char *file)
{
    struct err unsaid;
    char *asked = NULL;

    if (run->wish.id == NULL)
        return;
    if (issue_read_request(file, &asked, &unsaid) == 0 && strcmp(asked, run->wish.id) != 0)
        findings_add(&run->notes, SEVERITY_WARNING, "request-name", (struct place){.file = file},
                     "Make sure that it is this device's request.",
                     "The request asks for the name %s; the certificate is for %s, as --device "
                     "says.",
                     asked, run->wish.id);
    free(asked);
}

int new_sign(struct new_run *run, struct err *err)
{
    const char *file = run->args->operands[1];
    struct issued made = {0};
    int rc;

    note_other_name(run, file);
    rc = new_open_ca(run, err);
    if (rc == 0)
        rc = issue_sign(run->authority, file, &run->wish, &made, err);
    if (rc == 0)
        rc = say_made(run, &made, "Signed the request of", err);
    if (rc == 0) {
        if (run->wish.id == NULL)
            issue_id_findings(made.id, &run->notes);
        say_ca_signed(run, &made);
    }
    issued_reset(&made);
    return rc;
}
