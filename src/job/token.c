/* SPDX-License-Identifier: MIT */
#include "job/token.h"

#include "base/str.h"
#include "job/check.h"
#include "job/sheet.h"

int token_host(const char *hub, const char *device, const char *module, time_t now, char **host,
               struct findings *findings, struct err *err)
{
    struct sheet_wish wish = {
        .preset = PRESET_AZURE, .hub = hub, .device = device, .module = module};
    struct job job;
    int rc;

    *host = NULL;
    job_init(&job);
    rc = sheet_fill(&job, &wish, err);
    if (rc == 0) {
        check_settings_alone(&job, now, findings);
        *host = str_copy(job_value(&job, SETTING_BROKER));
        if (*host == NULL)
            rc = err_set(err, ERR_NOMEM, "out of memory");
    }
    job_reset(&job);
    return rc;
}

const char *token_unfit(const struct job *job)
{
    const struct job_credential *cert = &job->credentials[SLOT_DEVICE_CERT];

    if (job->preset != PRESET_AZURE)
        return "a SAS token is what Azure IoT Hub takes for a password: pick that broker first";
    if (cert->path != NULL || cert->credential != NULL)
        return "the device logs in with its certificate, and IoT Hub takes no token beside one";
    if (job->hub == NULL || job->hub[0] == '\0')
        return "fill in the IoT hub first";
    if (job->device_id == NULL || job->device_id[0] == '\0')
        return "fill in the device ID first";
    return NULL;
}
