/* SPDX-License-Identifier: MIT */
#include "broker/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mosquitto.h>

#include "broker/climb.h"

struct probe {
    pid_t pid; /* 0: reaped */
    int fd;    /* -1: closed */
    bool ended;
    bool said_died;
    enum probe_rung rung; /* the last that was heard of */
    struct probe_event event;
    size_t have; /* bytes of event that have come */
};

const char *probe_rung_name(enum probe_rung rung)
{
    static const char *const names[PROBE_RUNG_COUNT] = {
        [PROBE_NAMES] = "names",
        [PROBE_TCP] = "tcp",
        [PROBE_TLS_SYSTEM] = "tls-system",
        [PROBE_TLS_DEVICE] = "tls-device",
        [PROBE_CERTIFICATE] = "certificate",
        [PROBE_CONNECT] = "connect",
        [PROBE_SUBSCRIBE] = "subscribe",
        [PROBE_PUBLISH] = "publish",
        [PROBE_WATCH] = "watch",
        [PROBE_DISCONNECT] = "disconnect",
    };

    return names[rung];
}

const char *probe_rung_title(enum probe_rung rung)
{
    static const char *const titles[PROBE_RUNG_COUNT] = {
        [PROBE_NAMES] = "name",
        [PROBE_TCP] = "port",
        [PROBE_TLS_SYSTEM] = "TLS, own roots",
        [PROBE_TLS_DEVICE] = "TLS, as device",
        [PROBE_CERTIFICATE] = "certificate",
        [PROBE_CONNECT] = "MQTT connect",
        [PROBE_SUBSCRIBE] = "subscribe",
        [PROBE_PUBLISH] = "publish",
        [PROBE_WATCH] = "message back",
        [PROBE_DISCONNECT] = "disconnect",
    };

    return titles[rung];
}

const char *probe_outcome_name(enum probe_outcome outcome)
{
    static const char *const names[] = {
        [PROBE_BEGUN] = "begun",     [PROBE_OK] = "ok",         [PROBE_NOTE] = "note",
        [PROBE_SKIPPED] = "skipped", [PROBE_FAILED] = "failed", [PROBE_UNTRIED] = "untried",
        [PROBE_END] = "end",
    };

    return names[outcome];
}

bool probe_is_asked(const struct probe_options *options, enum probe_rung rung)
{
    switch (rung) {
    case PROBE_SUBSCRIBE:
    case PROBE_WATCH:
        return options->watch != NULL;
    case PROBE_PUBLISH:
        return options->publish || options->watch != NULL;
    default:
        return rung != PROBE_DISCONNECT;
    }
}

const char *probe_verdict(const struct probe_options *options, const struct probe_event *failure)
{
    if (failure == NULL && options->connect)
        return "These settings and credentials work, from here.";
    if (failure == NULL)
        return "As far as TLS all is well; whether the broker lets the device in was not tried.";
    if (strcmp(failure->symptom, "local") == 0 || strcmp(failure->symptom, "died") == 0)
        return "Whether a device with these settings and credentials gets through is not known: "
               "the probe could not find out.";
    if (failure->rung == PROBE_SUBSCRIBE || failure->rung == PROBE_WATCH)
        return "The device gets in; whether its messages arrive has not been seen.";
    return "A device with these settings and credentials would not get through, from here.";
}

/* --- before it starts ----------------------------------------------------------------------- */

static int check_watch(const struct probe_account *account, const char *filter, struct err *err)
{
    bool matches = false;

    if (broker_kind_of(account->host) == BROKER_AZURE) {
        err_set(err, ERR_VALUE,
                "IoT Hub lets no device read what devices send: a message cannot be seen to come "
                "back");
        err_remedy(err, "Watch with `az iot hub monitor-events`; `comcert az` prints the command.");
        return ERR_VALUE;
    }
    if (mosquitto_sub_topic_check(filter) != MOSQ_ERR_SUCCESS)
        return err_set(err, ERR_VALUE, "the filter to watch is none that MQTT knows");
    if (mosquitto_topic_matches_sub(filter, account->topic, &matches) != MOSQ_ERR_SUCCESS ||
        !matches)
        return err_set(err, ERR_VALUE,
                       "the filter to watch does not match the topic that is published to");
    return 0;
}

static int check_publish(const struct probe_account *account, struct err *err)
{
    if (account->topic == NULL || account->topic[0] == '\0') {
        err_set(err, ERR_VALUE, "there is no topic to publish to");
        err_remedy(err, "Set mqtt.topic.");
        return ERR_VALUE;
    }
    if (mosquitto_pub_topic_check(account->topic) != MOSQ_ERR_SUCCESS) {
        err_set(err, ERR_VALUE, "nobody can publish to a topic with + or # in it");
        err_remedy(err, "Set mqtt.topic to one topic.");
        return ERR_VALUE;
    }
    return 0;
}

static int check(const struct probe_account *a, const struct probe_options *o, struct err *err)
{
    int rc = 0;

    if (a->host == NULL || a->host[0] == '\0') {
        err_set(err, ERR_VALUE, "there is no broker to probe");
        err_remedy(err, "Set mqtt.broker, or a preset from which it follows.");
        return ERR_VALUE;
    }
    if (a->port < 1 || a->port > 65535)
        return err_set(err, ERR_VALUE, "there is no port %d", a->port);
    if (a->device_cert != NULL && a->device_key != NULL &&
        !credential_key_matches(a->device_key, a->device_cert, credential_leaf(a->device_cert)))
        return err_set(err, ERR_VALUE, "the private key does not belong to the device certificate");
    if (o->publish || o->watch != NULL)
        rc = check_publish(a, err);
    if (rc == 0 && o->watch != NULL)
        rc = check_watch(a, o->watch, err);
    return rc;
}

/* --- the child ------------------------------------------------------------------------------ */

/* In the child, while all signals are blocked: none of the parent's handlers may run here. */
static void forget_handlers(void)
{
    struct sigaction action;

    for (int s = 1; s < NSIG; s++) {
        if (sigaction(s, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
            action.sa_handler != SIG_DFL)
            signal(s, SIG_DFL);
    }
    /* Ctrl-C reaches every process of the terminal; what it means is the parent's to say. */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

static int start(struct probe *p, const struct probe_account *account,
                 const struct probe_options *options, struct err *err)
{
    pid_t self = getpid();
    sigset_t all, before;
    int ends[2], sys;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set_errno(err, errno, "cannot make a pipe for the probe");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    p->pid = fork();
    sys = errno;
    if (p->pid == 0) {
        forget_handlers();
        climb_run(account, options, ends[1], self);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    p->fd = ends[0];
    if (p->pid < 0) {
        p->pid = 0;
        return err_set_errno(err, sys, "cannot start a process for the probe");
    }
    (void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
    return 0;
}

int probe_start(const struct probe_account *account, const struct probe_options *options,
                struct probe **out, struct err *err)
{
    struct probe *p;
    int rc = check(account, options, err);

    *out = NULL;
    if (rc != 0)
        return rc;
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NOMEM, "out of memory for the probe");
    p->fd = -1;
    rc = start(p, account, options, err);
    if (rc != 0) {
        probe_destroy(p);
        return rc;
    }
    *out = p;
    return 0;
}

/* --- what it says --------------------------------------------------------------------------- */

int probe_fd(const struct probe *p)
{
    return p->fd;
}

/* The child is gone without having said how it ended: first that, then the end. */
static void make_up(struct probe *p, struct probe_event *event)
{
    struct buf cause = {0}, remedy = {0};
    struct facts facts = {0};

    *event = (struct probe_event){.rung = p->rung, .outcome = PROBE_END};
    if (p->said_died)
        return;
    p->said_died = true;
    event->outcome = PROBE_FAILED;
    dictionary_explain(p->rung, SYMPTOM_DIED, BROKER_OTHER, &facts, &cause, &remedy);
    snprintf(event->symptom, sizeof event->symptom, "%s", symptom_name(SYMPTOM_DIED));
    snprintf(event->text, sizeof event->text, "%s", cause.data != NULL ? cause.data : "");
    snprintf(event->remedy, sizeof event->remedy, "%s", remedy.data != NULL ? remedy.data : "");
    buf_reset(&cause);
    buf_reset(&remedy);
}

bool probe_next(struct probe *p, struct probe_event *event)
{
    if (p->ended || p->fd < 0)
        return false;
    while (p->have < sizeof p->event) {
        ssize_t n = read(p->fd, (char *)&p->event + p->have, sizeof p->event - p->have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n <= 0) {
            make_up(p, event);
            p->ended = event->outcome == PROBE_END;
            return true;
        }
        p->have += (size_t)n;
    }
    p->have = 0;
    *event = p->event;
    p->rung = event->rung;
    p->ended = event->outcome == PROBE_END;
    return true;
}

bool probe_has_ended(const struct probe *p)
{
    return p->ended;
}

void probe_stop(struct probe *p)
{
    if (p->pid > 0) {
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (p->fd >= 0)
        close(p->fd);
    p->pid = 0;
    p->fd = -1;
    p->ended = true;
}

void probe_destroy(struct probe *p)
{
    if (p == NULL)
        return;
    probe_stop(p);
    free(p);
}
