/* SPDX-License-Identifier: MIT */
#include "job/sheet.h"
#include "run/json_line.h"
#include "run/report.h"

char *json_sheet_row(const struct sheet_row *row)
{
    struct json_line o = json_begin("sheet-row");
    json_t *notes = json_array();
    bool ok = true;

    json_put_text(&o, "where", row->slot >= 0 ? sheet_boxes : sheet_window);
    json_put_text(&o, "label", row->label);
    if (row->setting >= 0)
        json_put_text(&o, "setting", setting_info((enum setting)row->setting)->name);
    if (row->slot >= 0)
        json_put_text(&o, "slot", slot_name((enum slot)row->slot));
    json_put_text(&o, "value", row->value);
    json_put_text(&o, "what", row->what);
    for (size_t i = 0; i < row->note_count; i++) {
        struct json_line note = json_begin(NULL);

        json_put_text(&note, "source", sheet_source_name(row->notes[i].source));
        json_put_text(&note, "text", row->notes[i].text);
        ok &= json_append(notes, &note);
    }
    json_put_array(&o, "notes", notes, ok);
    return json_print(&o);
}

char *json_job_text(const char *text)
{
    struct json_line o = json_begin("job");

    json_put_text(&o, "text", text);
    return json_print(&o);
}
