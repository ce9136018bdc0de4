/* SPDX-License-Identifier: MIT */
#include "run/json_line.h"
#include "run/report.h"

char *json_rung(const struct json_rung *rung)
{
    struct json_line o = json_begin("rung");

    json_put_text(&o, "rung", rung->name);
    json_put_text(&o, "outcome", rung->outcome);
    json_put_filled(&o, "text", rung->text);
    json_put_filled(&o, "symptom", rung->symptom);
    json_put_filled(&o, "remedy", rung->remedy);
    json_put_filled(&o, "detail", rung->detail);
    json_put_ms(&o, "elapsed_ms", rung->elapsed);
    return json_print(&o);
}

char *json_probe_result(int exit_status, bool stands, const struct json_rung *failed)
{
    struct json_line o = json_begin("result");

    json_put(&o, "exit", json_integer(exit_status));
    json_put(&o, "stands", json_boolean(stands));
    if (failed != NULL) {
        json_put_text(&o, "failed", failed->name);
        json_put_text(&o, "symptom", failed->symptom);
        json_put_filled(&o, "text", failed->text);
        json_put_filled(&o, "remedy", failed->remedy);
    }
    return json_print(&o);
}
