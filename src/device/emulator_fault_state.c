/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

void emulator_arm(struct emulator *e, int slot)
{
    for (size_t i = 0; i < e->options.fault_count; i++) {
        int wanted = e->faults[i].set.slot;

        e->faults[i].armed = e->faults[i].left != 0 && (wanted < 0 || wanted == slot);
        e->faults[i].struck = false;
    }
}

static bool strike(struct emulator *e, size_t i)
{
    if (!e->faults[i].struck && e->faults[i].left > 0)
        e->faults[i].left--;
    e->faults[i].struck = true;
    return true;
}

bool emulator_strike(struct emulator *e, enum fault fault)
{
    for (size_t i = 0; i < e->options.fault_count; i++) {
        if (e->faults[i].armed && e->faults[i].set.fault == fault)
            return strike(e, i);
    }
    return false;
}

bool emulator_strike_at(struct emulator *e, enum fault fault, size_t at)
{
    for (size_t i = 0; i < e->options.fault_count; i++) {
        if (e->faults[i].armed && e->faults[i].set.fault == fault && e->faults[i].set.at == at)
            return strike(e, i);
    }
    return false;
}

bool emulator_faulty(const struct emulator *e, enum fault fault)
{
    for (size_t i = 0; i < e->options.fault_count; i++) {
        if (e->faults[i].set.fault == fault && e->faults[i].set.slot < 0 && e->faults[i].left != 0)
            return true;
    }
    return false;
}
