/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PROBE_BOX_H
#define COMCERT_UI_PROBE_BOX_H

#include "ui/wizard.h"

/* Tries the job's settings and credentials at the broker (broker/probe.h), as far as one says after
 * having been told what a login does; shows each rung as it is climbed. Says what is to be filled
 * in first. Changes nothing of the job, nor of whether it can be loaded. */
void probe_box_open(struct wizard *w);

#endif
