/* SPDX-License-Identifier: MIT */
#include "cmd/cmd.h"

#ifdef WITH_UI
#include "ui/ui.h"
#else
#define ui_run NULL
#endif

int main(int argc, char **argv)
{
    return cmd_main(argc, argv, ui_run);
}
