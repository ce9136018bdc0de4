/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_NEXT_DEVICE_H
#define COMCERT_UI_NEXT_DEVICE_H

#include "ui/wizard.h"

/* Asks for the next device's ID. Port and broker stay; client ID, user name and topic get the new ID
 * where they have the old one; certificate and key are those files whose names differ by the ID, if
 * they are there, else they are asked for. */
void next_device_ask(struct wizard *w);

#endif
