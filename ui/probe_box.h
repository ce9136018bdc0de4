/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PROBE_BOX_H
#define COMCERT_UI_PROBE_BOX_H

#include "broker/probe.h"
#include "ui/wizard.h"

/* Tries the job's settings and credentials at the broker (broker/probe.h) and shows each rung as it
 * is climbed. Changes nothing of the job, nor of whether it can be loaded. */

/* Asks how far to go, having told what a login does; or says what is to be filled in first. */
void probe_ask(struct wizard *w);

/* Goes as far as the options say, unasked. */
void probe_box_open(struct wizard *w, const struct probe_options *options);

#endif
