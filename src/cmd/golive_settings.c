/* SPDX-License-Identifier: MIT */
#include "cmd/golive.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "job/jobfile.h"
#include "job/preset.h"

static int read_job(const struct args *args, const char *path, struct job *job,
                    struct findings *findings, struct err *err)
{
    const char **sets = calloc(args->given_count + 1, sizeof *sets);
    size_t n = 0;
    int rc;

    if (sets == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    while (args_value_at(args, OPT_SET, n) != NULL) {
        sets[n] = args_value_at(args, OPT_SET, n);
        n++;
    }
    rc = jobfile_read(path, sets, n, job, findings) != 0 ? ERR_VALUE : preset_apply(job, err);
    free(sets);
    return rc;
}

static int give(const struct job *job, struct emulator *device, struct findings *findings,
                struct err *err)
{
    struct secret password = {0};
    int rc = 0;

    for (enum setting s = 0; s < SETTING_COUNT && rc == 0; s++) {
        const char *value = job_value(job, s);

        if (value != NULL)
            rc = emulator_give_setting(device, s, value, strlen(value), err);
    }
    if (rc == 0 && job->password_file != NULL) {
        if (job_read_password(job->password_file, job_setting_place(job, SETTING_PASSWORD),
                              &password, findings) != 0)
            rc = ERR_VALUE;
        else
            rc = emulator_give_setting(device, SETTING_PASSWORD, password.data, password.len, err);
        secret_reset(&password);
    }
    return rc;
}

/* Without these no device can connect: a profile that cannot set them needs them from a form. */
static int check(const struct profile *profile, const struct emulator *device, const char *path,
                 struct findings *findings, struct err *err)
{
    static const enum setting needed[] = {SETTING_BROKER, SETTING_CLIENT_ID};
    const struct setting_info *lacks = NULL;

    for (size_t i = 0; i < 2 && lacks == NULL; i++) {
        if (profile->setting_command[needed[i]] == NULL &&
            emulator_setting(device, needed[i]) == NULL)
            lacks = setting_info(needed[i]);
    }
    if (lacks == NULL)
        return 0;
    if (path != NULL) {
        findings_add(findings, SEVERITY_ERROR, "setting-missing",
                     (struct place){.key = lacks->key, .file = path},
                     "add it to the job, or give it with --set",
                     "without %s the device cannot connect, and the profile %s has no command for "
                     "it",
                     lacks->key, profile->id);
        return ERR_VALUE;
    }
    err_set(err, ERR_USAGE,
            "--go-live: the profile %s has no command for the %s; it is set in the maker's form",
            profile->id, lacks->name);
    err_remedy(err, "say what stands in that form: --settings JOB; or play --profile bench");
    return ERR_USAGE;
}

int golive_read_settings(const struct args *args, const struct profile *profile,
                         struct emulator *device, struct findings *findings, struct err *err)
{
    const char *path = args_value(args, OPT_SETTINGS);
    struct job job;
    int rc = 0;

    job_init(&job);
    if (path != NULL)
        rc = read_job(args, path, &job, findings, err);
    if (rc == 0)
        rc = give(&job, device, findings, err);
    if (rc == 0)
        rc = check(profile, device, path, findings, err);
    job_reset(&job);
    return rc;
}
