/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/shell.h"
#include "base/str.h"
#include "cmd/new.h"

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

/* Where the new key's passphrase comes from; *out NULL for a key without one. */
static int choose(struct new_run *run, struct passphrase *from, struct secret *value,
                  const struct secret **out, struct err *err)
{
    int rc;

    *out = NULL;
    if (args_has(run->args, OPT_NO_PASSPHRASE)) {
        findings_add(&run->notes, SEVERITY_WARNING, "ca-key-open", (struct place){0},
                     "Keep the folder where nobody else comes; this key can make devices.",
                     "The key of the CA is not encrypted.");
        return 0;
    }
    rc = passphrase_choose(from, run->wish.id, value, err);
    if (rc == ERR_USAGE || rc == ERR_MISSING)
        err_remedy(err, "--passphrase-file FILE or --passphrase-fd N gives it; --no-passphrase "
                        "leaves the key open");
    *out = value;
    return rc;
}

static void say_upload(const struct new_run *run, const struct issued *made)
{
    struct buf file = {0};

    shell_word(&file, made->cert_file);
    new_say_next(run, "To issue: comcert new device --ca %s --device ID",
                 file.data != NULL ? file.data : "FILE");
    new_say_next(run,
                 "In Azure: IoT Hub, Certificates, Add: the certificate, never the key; then "
                 "prove that the CA is yours: comcert new proof --ca %s --code CODE",
                 file.data != NULL ? file.data : "FILE");
    buf_reset(&file);
}

int new_ca(struct new_run *run, struct err *err)
{
    struct secret passphrase = {0};
    const struct secret *chosen;
    struct issued made = {0};
    int rc = issue_check_ca_name(run->wish.id, err);

    if (rc == 0)
        rc = choose(run, &run->passphrase, &passphrase, &chosen, err);
    if (rc == 0)
        rc = issue_ca(&run->wish, chosen, &made, err);
    if (rc == 0)
        rc = say_made(run, &made, "Made the CA", err);
    if (rc == 0)
        say_upload(run, &made);
    secret_reset(&passphrase);
    issued_reset(&made);
    return rc;
}

/* A passphrase that came from a file serves for both keys, unless there is one for the new. */
static struct passphrase *source_of_new(struct new_run *run)
{
    if (!run->new_passphrase.fixed && run->passphrase.fixed)
        return &run->passphrase;
    return &run->new_passphrase;
}

int new_intermediate(struct new_run *run, struct err *err)
{
    struct secret passphrase = {0};
    const struct secret *chosen = NULL;
    struct issued made = {0};
    int rc = issue_check_ca_name(run->wish.id, err);

    if (rc == 0)
        rc = new_open_ca(run, err);
    if (rc == 0)
        rc = choose(run, source_of_new(run), &passphrase, &chosen, err);
    if (rc == 0)
        rc = issue_intermediate(run->authority, &run->wish, chosen, &made, err);
    if (rc == 0)
        rc = say_made(run, &made, "Made the intermediate CA", err);
    if (rc == 0)
        say_upload(run, &made);
    run->passphrase.interrupted |= run->new_passphrase.interrupted;
    secret_reset(&passphrase);
    issued_reset(&made);
    return rc;
}

int new_proof(struct new_run *run, struct err *err)
{
    struct issued made = {0};
    struct buf file = {0};
    int rc = new_open_ca(run, err);

    if (rc == 0)
        rc = issue_proof(run->authority, &run->wish, &made, err);
    if (rc == 0)
        rc = say_made(run, &made, "Made the proof of possession for the code", err);
    if (rc == 0) {
        shell_word(&file, made.cert_file);
        new_say_next(run, "Its key was not kept: the hub wants the certificate only.");
        new_say_next(run, "In Azure: IoT Hub, Certificates, the CA's entry, Verify: upload the "
                          "file. Or, with the etag that the code changed:");
        new_say_next(run, "az iot hub certificate show --hub-name HUB --name CA --query etag -o "
                          "tsv");
        new_say_next(run,
                     "az iot hub certificate verify --hub-name HUB --name CA --etag ETAG "
                     "--path %s",
                     file.data != NULL ? file.data : "FILE");
    }
    buf_reset(&file);
    issued_reset(&made);
    return rc;
}
