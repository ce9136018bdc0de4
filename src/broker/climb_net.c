/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/wait.h"
#include "broker/climb.h"

enum { HTTPS_PORT = 443 };

/* A host that is there answers on another port within this. */
#define OTHER_PORT_LIMIT (3 * USEC_PER_SEC)

/* --- names ---------------------------------------------------------------------------------- */

static void take_address(struct climb *c, const struct addrinfo *ai)
{
    struct address *a = &c->addresses[c->address_count];

    if (c->address_count == ADDRESSES_MAX || ai->ai_addrlen > sizeof a->sa)
        return;
    memcpy(&a->sa, ai->ai_addr, ai->ai_addrlen);
    a->len = ai->ai_addrlen;
    if (getnameinfo(ai->ai_addr, ai->ai_addrlen, a->text, sizeof a->text, NULL, 0,
                    NI_NUMERICHOST) == 0)
        c->address_count++;
}

static enum symptom symptom_of_lookup(int rc)
{
    switch (rc) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return SYMPTOM_NAME_UNKNOWN;
    case EAI_AGAIN:
    case EAI_FAIL:
        return SYMPTOM_NAME_SERVER;
    default:
        return SYMPTOM_LOCAL;
    }
}

bool climb_names(struct climb *c)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    struct buf all = {0};
    char port[16];
    int rc;

    snprintf(port, sizeof port, "%d", c->account->port);
    rc = getaddrinfo(c->account->host, port, &hints, &list);
    if (rc != 0) {
        climb_fact(c, FACT_REASON, gai_strerror(rc));
        return climb_fail(c, symptom_of_lookup(rc), gai_strerror(rc), NULL);
    }
    for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
        take_address(c, ai);
    freeaddrinfo(list);
    for (size_t i = 0; i < c->address_count; i++)
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", c->addresses[i].text);
    if (c->address_count == 1 && strcmp(all.data, c->account->host) == 0)
        climb_say(c, PROBE_OK, "%s is an address: no name to look up", all.data);
    else
        climb_say(c, PROBE_OK, "%s is %s", c->facts.values[FACT_HOST],
                  all.data != NULL ? all.data : "nowhere");
    buf_reset(&all);
    return true;
}

/* --- TCP ------------------------------------------------------------------------------------ */

static void set_port(struct sockaddr_storage *sa, int port)
{
    if (sa->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)sa)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)sa)->sin_port = htons((uint16_t)port);
}

/* 0, or errno of what was in the way; ETIMEDOUT if the deadline came first. */
static int wait_connected(int fd, usec deadline)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    socklen_t len = sizeof(int);
    int sys = 0, ready;

    do
        ready = wait_until(&p, 1, deadline);
    while (ready < 0);
    if (ready == 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) == 0 ? sys : errno;
}

/* A connected socket that does not block, or -1 with errno of what was in the way. */
static int open_address(const struct address *address, int port, usec deadline, int *sys)
{
    struct address a = *address;
    int fd = socket(a.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    *sys = errno;
    if (fd < 0)
        return -1;
    set_port(&a.sa, port);
    *sys = connect(fd, (struct sockaddr *)&a.sa, a.len) == 0 ? 0 : errno;
    if (*sys == EINPROGRESS)
        *sys = wait_connected(fd, deadline);
    if (*sys == 0)
        return fd;
    close(fd);
    return -1;
}

enum symptom climb_no_connection(int sys)
{
    switch (sys) {
    case ECONNREFUSED:
        return SYMPTOM_REFUSED;
    case ETIMEDOUT:
        return SYMPTOM_TIMEOUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return SYMPTOM_UNREACHABLE;
    case ECONNRESET:
        return SYMPTOM_RESET;
    default:
        return SYMPTOM_LOCAL;
    }
}

static bool other_port_answers(struct climb *c)
{
    usec deadline = clock_now() + (c->limit < OTHER_PORT_LIMIT ? c->limit : OTHER_PORT_LIMIT);

    if (c->account->port == HTTPS_PORT)
        return false;
    for (size_t i = 0; i < c->address_count; i++) {
        int sys;
        int fd = open_address(&c->addresses[i], HTTPS_PORT, deadline, &sys);

        if (fd >= 0) {
            close(fd);
            return true;
        }
    }
    return false;
}

/* What is said of several addresses is what tells most: a refusal comes from somebody, silence from
 * nobody. */
static int telling(int a, int b)
{
    static const int order[] = {ECONNREFUSED, ECONNRESET, ETIMEDOUT};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (a == order[i] || b == order[i])
            return order[i];
    }
    return a != 0 ? a : b;
}

static bool tcp_failed(struct climb *c, int sys)
{
    enum symptom symptom = climb_no_connection(sys);

    if (symptom == SYMPTOM_TIMEOUT && other_port_answers(c))
        symptom = SYMPTOM_BLOCKED;
    climb_fact(c, FACT_REASON, strerror(sys));
    return climb_fail(c, symptom, strerror(sys), NULL);
}

bool climb_tcp(struct climb *c)
{
    int worst = 0;

    for (size_t i = 0; i < c->address_count; i++) {
        usec share = (climb_deadline(c) - clock_now()) / (usec)(c->address_count - i);
        int sys;
        int fd = open_address(&c->addresses[i], c->account->port, clock_now() + share, &sys);

        if (fd >= 0) {
            close(fd);
            c->chosen = i;
            climb_say(c, PROBE_OK, "%s takes connections on port %d%s", c->addresses[i].text,
                      c->account->port,
                      i > 0 ? "; the addresses before it do not, which costs a device time" : "");
            return true;
        }
        worst = telling(worst, sys);
    }
    return tcp_failed(c, worst);
}

int climb_open(struct climb *c, enum symptom *symptom)
{
    int sys;
    int fd = open_address(&c->addresses[c->chosen], c->account->port, climb_deadline(c), &sys);

    if (fd < 0) {
        climb_fact(c, FACT_REASON, strerror(sys));
        *symptom = climb_no_connection(sys);
    }
    return fd;
}
