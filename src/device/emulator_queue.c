/* SPDX-License-Identifier: MIT */
#include "device/emulator_queue.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 256 };

/* Moves what is queued to the front of the row. */
static void compact(struct byte_queue *q)
{
    if (q->len > 0) {
        memmove(q->bytes.data, q->bytes.data + q->head, q->len);
        memmove(q->times, q->times + q->head, q->len * sizeof q->times[0]);
    }
    q->head = 0;
    q->bytes.len = q->len;
}

static bool grow(struct byte_queue *q)
{
    size_t capacity = q->capacity == 0 ? CAPACITY_FIRST : q->capacity * 2;
    usec *times = realloc(q->times, capacity * sizeof times[0]);

    if (times == NULL)
        return false;
    q->times = times;
    if (secret_reserve(&q->bytes, capacity, NULL) != 0)
        return false;
    q->capacity = capacity;
    return true;
}

bool byte_queue_push(struct byte_queue *q, unsigned char c, usec time)
{
    size_t end;

    if (q->len >= q->limit)
        return false;
    if (q->head + q->len == q->capacity) {
        /* Moving costs len steps, so it must make room for at least as many pushes. */
        if (q->capacity > 0 && q->head >= q->len)
            compact(q);
        else if (!grow(q))
            return false;
    }
    end = q->head + q->len;
    q->bytes.data[end] = c;
    q->times[end] = time;
    q->len++;
    q->bytes.len = end + 1;
    return true;
}

unsigned char byte_queue_take(struct byte_queue *q, usec *time)
{
    unsigned char c = q->bytes.data[q->head];

    *time = q->times[q->head];
    byte_queue_drop(q, 1);
    return c;
}

void byte_queue_drop(struct byte_queue *q, size_t n)
{
    if (n > q->len)
        n = q->len;
    if (n == 0)
        return;
    mem_wipe(q->bytes.data + q->head, n);
    q->head += n;
    q->len -= n;
    if (q->len == 0) {
        q->head = 0;
        q->bytes.len = 0;
    }
}

size_t byte_queue_due(const struct byte_queue *q, usec now)
{
    size_t low = 0;
    size_t high = q->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (q->times[q->head + middle] <= now)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

usec byte_queue_time(const struct byte_queue *q, size_t i)
{
    return q->times[q->head + i];
}

const unsigned char *byte_queue_data(const struct byte_queue *q)
{
    return q->len == 0 ? (const unsigned char *)"" : q->bytes.data + q->head;
}

void byte_queue_reset(struct byte_queue *q)
{
    size_t limit = q->limit;

    secret_reset(&q->bytes);
    free(q->times);
    *q = (struct byte_queue){.limit = limit};
}
