/* SPDX-License-Identifier: MIT */
/* What a failed rung means: there is an answer to everything, and the right one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/dictionary.h"

static const struct facts known = {.values = {
                                       [FACT_HOST] = "broker.example",
                                       [FACT_PORT] = "8883",
                                       [FACT_ID] = "pump-7",
                                       [FACT_TOPIC] = "a/b",
                                       [FACT_LIMIT] = "10",
                                       [FACT_NOW] = "2026-11-24T12:00:00Z",
                                       [FACT_ISSUER] = "CN=Root",
                                       [FACT_NAMES] = "DNS:x.example",
                                       [FACT_CULPRIT] = "CN=leaf",
                                       [FACT_DATE] = "2020-01-01",
                                       [FACT_CAS] = "CN=Ours",
                                       [FACT_REASON] = "because",
                                   }};

static char *explain(enum probe_rung rung, enum symptom symptom, enum broker_kind kind,
                     const struct facts *facts, char **remedy)
{
    struct buf cause = {0}, fix = {0};

    dictionary_explain(rung, symptom, kind, facts, &cause, &fix);
    *remedy = buf_take(&fix);
    return buf_take(&cause);
}

static void check_text(const char *text)
{
    assert_null(strpbrk(text, "{}[]"));
    assert_null(strstr(text, "  "));
    assert_true(strlen(text) < sizeof((struct probe_event *)0)->text);
}

static void each_pair_has_an_answer(void **state)
{
    static const struct facts none = {0};

    (void)state;
    for (enum symptom s = 0; s < SYMPTOM_COUNT; s++) {
        for (enum probe_rung r = 0; r < PROBE_RUNG_COUNT; r++) {
            for (enum broker_kind k = 0; k < BROKER_KIND_COUNT; k++) {
                char *remedy;
                char *cause = explain(r, s, k, &known, &remedy);

                assert_true(cause != NULL && cause[0] != '\0');
                check_text(cause);
                check_text(remedy);
                free(cause);
                free(remedy);
                cause = explain(r, s, k, &none, &remedy);
                assert_true(strpbrk(cause, "{}[]") == NULL);
                free(cause);
                free(remedy);
            }
        }
    }
}

static void each_row_is_reached(void **state)
{
    (void)state;
    for (size_t i = 0; i < dictionary_row_count; i++) {
        const struct dictionary_row *row = &dictionary_rows[i];

        /* No row before it takes everything that it would. */
        for (size_t k = 0; k < i; k++) {
            const struct dictionary_row *before = &dictionary_rows[k];

            if (before->symptom == row->symptom)
                assert_false((before->rung < 0 || before->rung == row->rung) &&
                             (before->kind < 0 || before->kind == row->kind));
        }
    }
}

static void names_are_told_apart(void **state)
{
    (void)state;
    for (enum symptom s = 0; s < SYMPTOM_COUNT; s++) {
        assert_non_null(symptom_name(s));
        assert_true(strlen(symptom_name(s)) < sizeof((struct probe_event *)0)->symptom);
        for (enum symptom t = 0; t < s; t++)
            assert_string_not_equal(symptom_name(s), symptom_name(t));
    }
}

static void facts_are_put_in_and_left_out(void **state)
{
    struct facts facts = known;
    char *remedy, *cause;

    (void)state;
    cause = explain(PROBE_TLS_DEVICE, SYMPTOM_WRONG_HOST, BROKER_OTHER, &facts, &remedy);
    assert_string_equal(cause, "The server's certificate is for another name than broker.example: "
                               "it is for DNS:x.example.");
    free(cause);
    free(remedy);
    facts.values[FACT_NAMES] = "";
    cause = explain(PROBE_TLS_DEVICE, SYMPTOM_WRONG_HOST, BROKER_OTHER, &facts, &remedy);
    assert_string_equal(cause, "The server's certificate is for another name than broker.example.");
    free(cause);
    free(remedy);
    /* What a fact holds is text, also where it looks like one of ours. */
    facts.values[FACT_HOST] = "{port}[x]";
    cause = explain(PROBE_TLS_DEVICE, SYMPTOM_WRONG_HOST, BROKER_OTHER, &facts, &remedy);
    assert_non_null(strstr(cause, "{port}[x]"));
    free(cause);
    free(remedy);
}

static void clouds_have_their_own_words(void **state)
{
    char *remedy, *cause;

    (void)state;
    cause = explain(PROBE_CONNECT, SYMPTOM_CLOSED, BROKER_AWS, &known, &remedy);
    assert_non_null(strstr(cause, "iot:Connect for client/pump-7"));
    free(cause);
    free(remedy);
    cause = explain(PROBE_CONNECT, SYMPTOM_CONNACK_DENIED, BROKER_AZURE, &known, &remedy);
    assert_non_null(strstr(cause, "thumbprint"));
    free(cause);
    free(remedy);
    cause = explain(PROBE_TLS_DEVICE, SYMPTOM_WRONG_ROOT, BROKER_AZURE, &known, &remedy);
    assert_non_null(strstr(remedy, "DigiCert Global Root G2"));
    free(cause);
    free(remedy);
}

static void brokers_are_known_by_their_names(void **state)
{
    (void)state;
    assert_int_equal(broker_kind_of("my-hub.azure-devices.net"), BROKER_AZURE);
    assert_int_equal(broker_kind_of("my-hub.device.AZURE-devices.cn"), BROKER_AZURE);
    assert_int_equal(broker_kind_of("x-ats.iot.eu-central-1.amazonaws.com"), BROKER_AWS);
    assert_int_equal(broker_kind_of("abc.s1.eu.hivemq.cloud"), BROKER_HIVEMQ);
    assert_int_equal(broker_kind_of("azure-devices.net.example"), BROKER_OTHER);
    assert_int_equal(broker_kind_of(".azure-devices.net"), BROKER_OTHER);
    assert_int_equal(broker_kind_of("10.0.0.1"), BROKER_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_has_an_answer),
        cmocka_unit_test(each_row_is_reached),
        cmocka_unit_test(names_are_told_apart),
        cmocka_unit_test(facts_are_put_in_and_left_out),
        cmocka_unit_test(clouds_have_their_own_words),
        cmocka_unit_test(brokers_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
