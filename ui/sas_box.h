/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SAS_BOX_H
#define COMCERT_UI_SAS_BOX_H

#include "ui/wizard.h"

/* Makes the token that an Azure device without a certificate logs in with, from the device's key,
 * into a file of mode 0600 that the job then names as its password file; or says why not. */
void sas_box_open(struct wizard *w);

#endif
