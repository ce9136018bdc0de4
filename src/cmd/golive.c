/* SPDX-License-Identifier: MIT */
#include "cmd/golive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "broker/probe.h"
#include "cmd/cmd.h"
#include "cmd/console.h"

static const char message[] = "{\"message\":\"This device can now connect\"}";

struct golive {
    struct emulator *device;
    bool print;
    struct probe *probe; /* NULL: no attempt runs */
    bool failed;         /* the attempt has, and said so */
    char *topic;         /* that it publishes to; NULL: none */
    char *missing;       /* what was said to be missing last */
};

/* --- saying it -------------------------------------------------------------------------------- */

static void print(const struct golive *g, const char *text)
{
    if (!g->print)
        return;
    print_safe(stdout, text);
    putchar('\n');
    fflush(stdout);
}

/* On the serial line, and `whole` on standard output. A text with foreign words in it may read like
 * one of the device's own answers: then `plain` stands for it. */
static void say(const struct golive *g, const char *plain, const char *text, const char *whole)
{
    if (!emulator_announce(g->device, text))
        (void)emulator_announce(g->device, plain);
    print(g, whole);
}

static void sayf(const struct golive *g, const char *plain, const char *fmt, ...) ATTR_PRINTF(3, 4);

static void sayf(const struct golive *g, const char *plain, const char *fmt, ...)
{
    char *text;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    say(g, plain, text, text);
    free(text);
}

static size_t first_sentence(const char *text)
{
    const char *end = strstr(text, ". ");

    return end != NULL ? (size_t)(end - text) : strlen(text);
}

/* The line has room for the reason alone; what to do about it stands on standard output. */
static void say_failed(struct golive *g, const char *why, const char *remedy, const char *symptom)
{
    struct buf plain = {0}, text = {0}, whole = {0};

    buf_printf(&plain, "MQTT: failed%s%s", symptom[0] != '\0' ? ": " : "", symptom);
    buf_add_str(&text, "MQTT: failed: ");
    buf_add(&text, why, first_sentence(why));
    buf_printf(&whole, "MQTT: failed: %s", why);
    if (remedy[0] != '\0')
        buf_printf(&whole, "%s%s", str_ends(why, ".") ? " " : "; ", remedy);
    if (!plain.failed && !text.failed && !whole.failed)
        say(g, plain.data, text.data, whole.data);
    buf_reset(&plain);
    buf_reset(&text);
    buf_reset(&whole);
    g->failed = true;
}

static void say_err(struct golive *g, const struct err *err)
{
    say_failed(g, err->text, err->remedy, "");
}

/* --- what the device holds -------------------------------------------------------------------- */

static const char *setting_text(const struct golive *g, enum setting setting)
{
    const struct secret *value = emulator_setting(g->device, setting);

    return value == NULL || value->len == 0 ? NULL : (const char *)value->data;
}

static bool wants_tls(const struct golive *g)
{
    static const char *const no[] = {"false", "0", "no", "off"};
    const char *text = setting_text(g, SETTING_TLS);

    for (size_t i = 0; text != NULL && i < sizeof no / sizeof no[0]; i++) {
        if (strcasecmp(text, no[i]) == 0)
            return false;
    }
    return true;
}

static void add_missing(struct buf *list, const char *name)
{
    buf_printf(list, "%s%s", list->len > 0 ? ", " : "", name);
}

/* Its own memory being incomplete is nothing that a device talks about; whoever rehearses wants to
 * know, once. True if nothing is missing. */
static bool is_complete(struct golive *g)
{
    struct buf list = {0};
    char *text;

    if (setting_text(g, SETTING_BROKER) == NULL)
        add_missing(&list, setting_info(SETTING_BROKER)->name);
    if (setting_text(g, SETTING_CLIENT_ID) == NULL)
        add_missing(&list, setting_info(SETTING_CLIENT_ID)->name);
    for (enum slot s = 0; s < SLOT_COUNT && wants_tls(g); s++) {
        if (emulator_body(g->device, s) == NULL)
            add_missing(&list, slot_name(s));
    }
    if (list.len == 0 && !list.failed)
        return true;
    text = buf_take(&list);
    if (text != NULL && g->print && (g->missing == NULL || strcmp(text, g->missing) != 0))
        printf("does not go live yet; still missing: %s\n", text);
    fflush(stdout);
    free(g->missing);
    g->missing = text;
    return false;
}

static bool read_port(const struct golive *g, bool tls, int *port, struct err *err)
{
    const char *text = setting_text(g, SETTING_PORT);
    char *end = NULL;
    long n;

    if (text == NULL) {
        *port = tls ? 8883 : 1883;
        return true;
    }
    n = strtol(text, &end, 10);
    if (*end != '\0' || n < 1 || n > 65535) {
        err_set(err, ERR_VALUE, "the port is no number from 1 to 65535");
        return false;
    }
    *port = (int)n;
    return true;
}

/* The device's own judgement of what stands in a slot. NULL with the reason in err. */
static struct credential *read_slot(const struct golive *g, enum slot slot, struct err *err)
{
    const struct secret *body = emulator_body(g->device, slot);
    const struct place nowhere = {0};
    struct findings findings = {0};
    struct credential *c = NULL;

    if (!credential_device_accepts(slot, body->data, body->len) ||
        credential_decode(slot_title(slot), body->data, body->len, nowhere, NULL, &c, &findings) !=
            0)
        err_set(err, ERR_VALUE, "what is stored as %s is no %s that it can read", slot_title(slot),
                slot == SLOT_DEVICE_KEY ? "key" : "certificate");
    findings_reset(&findings);
    return c;
}

static bool key_fits(const struct credential *key, const struct credential *cert, struct err *err)
{
    if (credential_key_matches(key, cert, credential_leaf(cert)))
        return true;
    err_set(err, ERR_VALUE, "the private key does not belong to the device certificate");
    err_remedy(err, "load the certificate and the key that were made together");
    return false;
}

/* --- an attempt ------------------------------------------------------------------------------- */

static int start_probe(struct golive *g, struct probe_account *account, struct err *err)
{
    const struct probe_options options = {
        .connect = true,
        .publish = account->topic != NULL,
        .message = message,
    };

    return probe_start(account, &options, &g->probe, err);
}

/* Credentials are decoded for as long as the start takes. */
static int start_with_tls(struct golive *g, struct probe_account *account, struct err *err)
{
    struct credential *held[SLOT_COUNT] = {NULL};
    bool good = true;
    int rc = ERR_VALUE;

    for (enum slot s = 0; s < SLOT_COUNT && good; s++)
        good = (held[s] = read_slot(g, s, err)) != NULL;
    if (good && key_fits(held[SLOT_DEVICE_KEY], held[SLOT_DEVICE_CERT], err)) {
        account->server_ca = held[SLOT_SERVER_CA];
        account->device_cert = held[SLOT_DEVICE_CERT];
        account->device_key = held[SLOT_DEVICE_KEY];
        rc = start_probe(g, account, err);
    }
    for (enum slot s = 0; s < SLOT_COUNT; s++)
        credential_destroy(held[s]);
    return rc;
}

static void stop(struct golive *g)
{
    probe_destroy(g->probe);
    g->probe = NULL;
    g->failed = false;
    free(g->topic);
    g->topic = NULL;
}

static void start(struct golive *g)
{
    struct probe_account account = {
        .host = setting_text(g, SETTING_BROKER),
        .tls = wants_tls(g),
        .client_id = setting_text(g, SETTING_CLIENT_ID),
        .username = setting_text(g, SETTING_USERNAME),
        .password = emulator_setting(g->device, SETTING_PASSWORD),
        .topic = setting_text(g, SETTING_TOPIC),
    };
    struct err err = {0};
    int rc = ERR_VALUE;

    g->topic = str_copy(account.topic);
    if (read_port(g, account.tls, &account.port, &err)) {
        sayf(g, "MQTT: connecting", "MQTT: connecting to %s:%d", account.host, account.port);
        rc = account.tls ? start_with_tls(g, &account, &err) : start_probe(g, &account, &err);
    }
    if (rc != 0)
        say_err(g, &err);
}

static void connected(const struct golive *g)
{
    sayf(g, "MQTT: up", "MQTT: connected");
    if (g->topic == NULL)
        sayf(g, "MQTT: idle", "MQTT: no topic, nothing to publish");
}

static void tell(struct golive *g, const struct probe_event *event)
{
    if (event->outcome == PROBE_FAILED)
        say_failed(g, event->text, event->remedy, event->symptom);
    else if (event->outcome == PROBE_END && !event->stands && !g->failed)
        say_failed(g, "it came to an end of its own", "", "");
    else if (event->outcome == PROBE_OK && event->rung == PROBE_CONNECT)
        connected(g);
    else if (event->outcome == PROBE_OK && event->rung == PROBE_PUBLISH)
        sayf(g, "MQTT: published", "MQTT: published %zu bytes to %s", strlen(message), g->topic);
    else if (event->outcome == PROBE_OK && event->rung == PROBE_DISCONNECT)
        sayf(g, "MQTT: down", "MQTT: disconnected");
}

static int source_fd(void *ctx)
{
    const struct golive *g = ctx;

    return g->probe == NULL ? -1 : probe_fd(g->probe);
}

static void source_ready(void *ctx)
{
    struct golive *g = ctx;
    struct probe_event event;

    while (g->probe != NULL && probe_next(g->probe, &event)) {
        tell(g, &event);
        if (event.outcome == PROBE_END)
            stop(g);
    }
}

void golive_observe(struct golive *g, const struct emulator_event *event)
{
    if (event->type != EMULATOR_SETTLED)
        return;
    stop(g);
    emulator_hush(g->device);
    if (is_complete(g))
        start(g);
}

int golive_create(struct emuhost *host, bool print_too, struct golive **out, struct err *err)
{
    struct golive *g = calloc(1, sizeof *g);

    *out = g;
    if (g == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    g->device = emuhost_emulator(host, 0);
    g->print = print_too;
    emuhost_attach(host, &(struct emuhost_source){source_fd, source_ready, g});
    return 0;
}

void golive_destroy(struct golive *g)
{
    if (g == NULL)
        return;
    stop(g);
    free(g->missing);
    free(g);
}
