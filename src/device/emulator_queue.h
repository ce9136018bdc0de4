/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_EMULATOR_QUEUE_H
#define COMCERT_DEVICE_EMULATOR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/secret.h"

/*
 * A bounded row of bytes, each with a time that is never before that of the byte in front of it:
 * what waits in the device's receive FIFO (time of arrival) and what it will send (time at which it
 * may leave). In secret memory, because keys pass through both.
 */
struct byte_queue {
    struct secret bytes;
    usec *times;
    size_t head, len;
    size_t capacity; /* of the row, head included */
    size_t limit;    /* len never exceeds it */
};

/* False if the queue is full or memory ran out: the byte is not in it. */
bool byte_queue_push(struct byte_queue *q, unsigned char c, usec time);

/* Takes the first byte of a queue that is not empty. */
unsigned char byte_queue_take(struct byte_queue *q, usec *time);

/* Drops the first n bytes. */
void byte_queue_drop(struct byte_queue *q, size_t n);

/* How many bytes, counted from the first, have a time of at most `now`. */
size_t byte_queue_due(const struct byte_queue *q, usec now);

/* The time of byte i, counted from the first. */
usec byte_queue_time(const struct byte_queue *q, size_t i);

/* The first byte; the len bytes stand in one row. Valid until the next push. */
const unsigned char *byte_queue_data(const struct byte_queue *q);

/* Wipes and frees; the limit stays. */
void byte_queue_reset(struct byte_queue *q);

#endif
