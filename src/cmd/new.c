/* SPDX-License-Identifier: MIT */
#include "cmd/new.h"

#include <string.h>
#include <time.h>

#include "base/str.h"

#define TAKES_MAX 16

static const struct kind {
    const char *name;
    bool file;           /* takes one */
    enum option_id id;   /* the option that names what is made; OPT_COUNT: none has to */
    enum option_id also; /* another that serves instead; OPT_COUNT: none */
    bool ca;             /* needs --ca */
    enum option_id takes[TAKES_MAX]; /* besides these, ended by OPT_COUNT */
    enum new_key key;
    int (*run)(struct new_run *run, struct err *err);
    const char *help;
} kinds[] = {
    {"self-signed",
     false,
     OPT_DEVICE,
     OPT_COUNT,
     false,
     {OPT_KEY, OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_COUNT},
     NEW_KEY_RSA_2048,
     new_self_signed,
     "--device ID: a key and a certificate that signs itself, and the thumbprints to paste into "
     "Azure"},
    {"ca",
     false,
     OPT_NAME,
     OPT_COUNT,
     false,
     {OPT_KEY, OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD,
      OPT_NO_PASSPHRASE, OPT_COUNT},
     NEW_KEY_RSA_3072,
     new_ca,
     "--name NAME: a CA of your own; its key is encrypted"},
    {"intermediate",
     false,
     OPT_NAME,
     OPT_COUNT,
     true,
     {OPT_KEY, OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_REISSUE, OPT_NO_INDEX, OPT_PASSPHRASE_FILE,
      OPT_PASSPHRASE_FD, OPT_NEW_PASSPHRASE_FILE, OPT_NEW_PASSPHRASE_FD, OPT_NO_PASSPHRASE,
      OPT_COUNT},
     NEW_KEY_RSA_3072,
     new_intermediate,
     "--ca PATH --name NAME: a CA below it, for devices only, so that the root can be locked away"},
    {"device",
     false,
     OPT_DEVICE,
     OPT_LIST,
     true,
     {OPT_KEY, OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_REISSUE, OPT_NO_INDEX, OPT_PASSPHRASE_FILE,
      OPT_PASSPHRASE_FD, OPT_COUNT},
     NEW_KEY_RSA_2048,
     new_device,
     "--ca PATH --device ID: a key and a certificate by this CA; with --list FILE for every ID in "
     "the file, on all processors, with a manifest.csv at the end; run again after an "
     "interruption, it goes on where it stopped"},
    {"proof",
     false,
     OPT_CODE,
     OPT_COUNT,
     true,
     {OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_REISSUE, OPT_NO_INDEX, OPT_PASSPHRASE_FILE,
      OPT_PASSPHRASE_FD, OPT_COUNT},
     NEW_KEY_RSA_2048,
     new_proof,
     "--ca PATH --code CODE: the certificate that proves to the cloud that the CA is yours"},
    {"csr",
     false,
     OPT_DEVICE,
     OPT_COUNT,
     false,
     {OPT_KEY, OPT_OUT, OPT_FORCE, OPT_COUNT},
     NEW_KEY_RSA_2048,
     new_csr,
     "--device ID: a key and a certificate request, for a CA elsewhere"},
    {"sign",
     true,
     OPT_COUNT,
     OPT_DEVICE,
     true,
     {OPT_DAYS, OPT_OUT, OPT_FORCE, OPT_REISSUE, OPT_NO_INDEX, OPT_PASSPHRASE_FILE,
      OPT_PASSPHRASE_FD, OPT_COUNT},
     NEW_KEY_RSA_2048,
     new_sign,
     "--ca PATH FILE.csr: a certificate for the key of a request; for the name that it asks for, "
     "or for --device ID"},
};

enum { KINDS = sizeof kinds / sizeof kinds[0], HELP_WIDTH = 80 };

void new_help(FILE *f)
{
    fputs("\nKinds:\n", f);
    for (size_t i = 0; i < KINDS; i++) {
        fprintf(f, "  %-13s ", kinds[i].name);
        print_broken(f, HELP_WIDTH, 16, 16, kinds[i].help);
    }
    fputs("\nFiles are named after the ID: ID.crt, ID.key, ID.csr, and ID.chain.pem where an\n"
          "intermediate has to go to the device, too. Nothing is replaced without --force.\n",
          f);
}

static const struct kind *kind_of(const char *name, struct err *err)
{
    const char *words[KINDS + 1] = {NULL};
    struct buf all = {0};
    const char *near;

    for (size_t i = 0; i < KINDS; i++) {
        words[i] = kinds[i].name;
        if (strcmp(words[i], name) == 0) {
            buf_reset(&all);
            return &kinds[i];
        }
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    near = str_nearest(name, words);
    err_set(err, ERR_USAGE, "`new` makes one of %s, not `%s`%s%s%s",
            all.data != NULL ? all.data : "", name, near != NULL ? "; did you mean `" : "",
            near != NULL ? near : "", near != NULL ? "`?" : "");
    buf_reset(&all);
    return NULL;
}

static bool takes(const struct kind *kind, enum option_id id)
{
    if (id == OPT_JSON || id == OPT_QUIET || id == OPT_NO_COLOR || id == kind->id ||
        id == kind->also || (id == OPT_CA && kind->ca))
        return true;
    for (size_t i = 0; kind->takes[i] != OPT_COUNT; i++) {
        if (kind->takes[i] == id)
            return true;
    }
    return false;
}

static int needs(const struct kind *kind, enum option_id id, enum option_id also, struct err *err)
{
    const struct option_info *o = option_info(id);

    if (also != OPT_COUNT)
        return err_set(err, ERR_USAGE, "`new %s` needs --%s %s or --%s %s", kind->name, o->name,
                       o->meta, option_info(also)->name, option_info(also)->meta);
    return err_set(err, ERR_USAGE, "`new %s` needs --%s %s", kind->name, o->name, o->meta);
}

static int check_options(const struct kind *kind, const struct args *args, struct err *err)
{
    for (size_t i = 0; i < args->given_count; i++) {
        if (!takes(kind, args->given[i].id))
            return err_set(err, ERR_USAGE, "`new %s` has no option --%s", kind->name,
                           option_info(args->given[i].id)->name);
    }
    if (kind->ca && !args_has(args, OPT_CA))
        return needs(kind, OPT_CA, OPT_COUNT, err);
    if (kind->id != OPT_COUNT && !args_has(args, kind->id) &&
        (kind->also == OPT_COUNT || !args_has(args, kind->also)))
        return needs(kind, kind->id, kind->also, err);
    if (kind->id == OPT_DEVICE && args_has(args, OPT_DEVICE) && args_has(args, OPT_LIST))
        return err_set(err, ERR_USAGE, "--device and --list exclude each other");
    if (kind->file != (args->operand_count > 1))
        return err_set(err, ERR_USAGE,
                       kind->file ? "`new %s` needs the file of a certificate request"
                                  : "`new %s` takes no file",
                       kind->name);
    if (args_has(args, OPT_NO_PASSPHRASE) && !kind->ca &&
        (args_has(args, OPT_PASSPHRASE_FILE) || args_has(args, OPT_PASSPHRASE_FD)))
        return err_set(err, ERR_USAGE, "--no-passphrase and a passphrase exclude each other");
    return 0;
}

static int read_wish(struct new_run *run, const struct kind *kind, struct err *err)
{
    const char *key = args_value(run->args, OPT_KEY);
    long days;
    int rc = args_number(run->args, OPT_DAYS, 1, DAYS_MAX, 0, &days, err);

    run->kind = kind->name;
    run->wish = (struct issue_wish){
        .id = args_value(run->args, kind->id != OPT_COUNT ? kind->id : kind->also),
        .key = kind->key,
        .days = rc == 0 ? (int)days : 0,
        .now = time(NULL),
        .out = args_value(run->args, OPT_OUT),
        .force = args_has(run->args, OPT_FORCE),
        .reissue = args_has(run->args, OPT_REISSUE),
    };
    if (rc == 0 && key != NULL) {
        int named = new_key_of_name(key);

        if (named < 0)
            return err_set(err, ERR_USAGE,
                           "--key is one of rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384, not "
                           "`%s`",
                           key);
        run->wish.key = (enum new_key)named;
    }
    return rc;
}

int new_open_ca(struct new_run *run, struct err *err)
{
    struct passphrase_source source = passphrase_source(&run->passphrase);

    return authority_open(args_value(run->args, OPT_CA), &source, run->wish.now,
                          !args_has(run->args, OPT_NO_INDEX), &run->authority, &run->notes, err);
}

static int make(struct new_run *run, struct err *err)
{
    const struct kind *kind = kind_of(run->args->operands[0], err);
    int rc = kind == NULL ? ERR_USAGE : check_options(kind, run->args, err);

    if (rc == 0)
        rc = read_wish(run, kind, err);
    if (rc == 0)
        rc = passphrase_init(&run->passphrase, run->args, err);
    if (rc == 0)
        rc = passphrase_init_from(&run->new_passphrase, run->args, OPT_NEW_PASSPHRASE_FILE,
                                  OPT_NEW_PASSPHRASE_FD, err);
    if (rc == 0)
        rc = kind->run(run, err);
    /* Of what was made; an ID that is refused needs no advice. */
    if (rc == 0 && kind->id == OPT_DEVICE && run->wish.id != NULL)
        issue_id_findings(run->wish.id, &run->notes);
    if (args_has(run->args, OPT_NO_INDEX) && rc == 0)
        findings_add(&run->notes, SEVERITY_WARNING, "ca-no-index", (struct place){0}, NULL,
                     "This was not written into the CA's index: it can be issued again unnoticed.");
    return rc;
}

int cmd_new(const struct args *args)
{
    struct new_run run = {.args = args, .console = console_make(args, stdout)};
    struct err err = {0};
    int rc = make(&run, &err);
    int status = EXIT_STATUS_OK;

    console_findings(&run.console, &run.notes);
    if (run.passphrase.interrupted || run.interrupted)
        status = EXIT_STATUS_INTERRUPTED;
    else if (rc != 0)
        status = console_error(&err);
    authority_close(run.authority);
    passphrase_reset(&run.passphrase);
    passphrase_reset(&run.new_passphrase);
    findings_reset(&run.notes);
    return status;
}
