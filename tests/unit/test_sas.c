/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pki/sas.h"
#include "support.h"

static const struct place where = {.key = "sas.key", .file = "pump-7.key"};

static int decode(const char *text, size_t n, struct secret *key, struct findings *findings)
{
    struct secret given = {0};
    int rc;

    assert_int_equal(secret_set(&given, text, n, NULL), 0);
    rc = sas_key_decode(&given, where, key, findings);
    secret_reset(&given);
    return rc;
}

static void decode_good(const char *text, struct secret *key)
{
    struct findings findings = {0};

    assert_int_equal(decode(text, strlen(text), key, &findings), 0);
    assert_int_equal(findings.count, 0);
    findings_reset(&findings);
}

/* --- tokens --------------------------------------------------------------------------------- */

/* The key of the tests of Azure's own command-line extension, and what they want of it. */
static const char cli_key[] = "+XLy+MVZ+aTeOnVzN2kLeB16O+kSxmz6g3rS6fAf6rw=";
enum { CLI_EXPIRY = 1471940363 };

/* The key of the Python SDK's tests. */
static const char sdk_key[] = "NMgJDvdKTxjLi+xBxxkDDEwDJxEvOE5u8BiT0mVgPeg=";

#define HUB "iot-hub-for-test.azure-devices.net"

static const struct token_row {
    const char *key;
    struct sas_resource resource;
    long long expiry;
    const char *want;
} tokens[] = {
    {cli_key,
     {.host = HUB, .device = "iot-device-for-test"},
     CLI_EXPIRY,
     "SharedAccessSignature sr=" HUB "%2Fdevices%2Fiot-device-for-test"
     "&sig=SIumZ1ACqqPJZ2okHDlW9MSYKykEpqsQY3z6FMOICd4%3D&se=1471940363"},
    {cli_key,
     {.host = HUB, .policy = "iothubowner"},
     CLI_EXPIRY,
     "SharedAccessSignature sr=" HUB
     "&sig=770sPjjYxRYpNz8%2FhEN7XR5XU5KDGYGTinSP8YyeTXw%3D&se=1471940363&skn=iothubowner"},
    {cli_key,
     {.host = HUB,
      .device = "iot-device-for-test",
      .module = "module-for-test",
      .policy = "iothubowner"},
     CLI_EXPIRY,
     "SharedAccessSignature sr=" HUB "%2Fdevices%2Fiot-device-for-test%2Fmodules%2Fmodule-for-test"
     "&sig=JwAxBBBPYA0E%2FTHdnrXzUfBfuZ7deH6pppCniJ23Uu0%3D&se=1471940363&skn=iothubowner"},
    /* recomputed with Python: quote_plus, hmac, base64 */
    {sdk_key,
     {.host = "h.azure-devices.net", .device = "a!b'c(d)*e,f:g=h@i$j%k_l.m-n?"},
     1800000000,
     "SharedAccessSignature "
     "sr=h.azure-devices.net%2Fdevices%2Fa%21b%27c%28d%29%2Ae%2Cf%3Ag%3Dh%40i%24j%25k_l.m-n%3F"
     "&sig=pjgqlYPuwVRv9WjpvpXXaPc9VGorSR3sZ%2FAjuGJSz1c%3D&se=1800000000"},
    {sdk_key,
     {.scope = "0ne00000A0A", .registration = "sn-007"},
     1800000000,
     "SharedAccessSignature sr=0ne00000A0A%2Fregistrations%2Fsn-007"
     "&sig=LdIDPFEcxlHu3pE2wIybpTTMaQFiuB8LrRCGBb2NitA%3D&se=1800000000&skn=registration"},
};

static void tokens_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        struct secret key = {0}, token = {0};

        decode_good(tokens[i].key, &key);
        assert_int_equal(sas_token(&tokens[i].resource, &key, tokens[i].expiry, &token, NULL), 0);
        assert_string_equal((const char *)token.data, tokens[i].want);
        assert_int_equal(token.len, strlen(tokens[i].want));
        secret_reset(&token);
        secret_reset(&key);
    }
}

/* The C SDK's own test tells the text that is signed. */
static void resource_as_sent(void **state)
{
    struct buf sr = {0};

    (void)state;
    sas_add_resource(
        &sr, &(struct sas_resource){.host = "myiothub.azure-devices.net", .device = "my_device"});
    assert_string_equal(sr.data, "myiothub.azure-devices.net%2Fdevices%2Fmy_device");
    buf_reset(&sr);
}

static void derive_as_published(void **state)
{
    /* Microsoft's documentation of symmetric-key enrolment groups. */
    static const char group[] =
        "8isrFI1sGsIlvvFSSFRiMfCNzv21fjbE/+ah/lSh3lF8e2YG1Te7w1KpZhJFFXJrqYK"
        "i9yegxkqIChbqOS9Egw==";
    struct secret key = {0}, device = {0}, text = {0};

    (void)state;
    /* The Python SDK's test of its signer. */
    decode_good(sdk_key, &key);
    assert_int_equal(sas_derive(&key, "sign this message", &device, NULL), 0);
    assert_int_equal(sas_key_encode(&device, &text, NULL), 0);
    assert_string_equal((const char *)text.data, "8NJRMT83CcplGrAGaUVIUM/md5914KpWVNngSVoF9/M=");
    decode_good(group, &key);
    assert_int_equal(key.len, 64);
    assert_int_equal(sas_derive(&key, "sn-007-888-abc-mac-a1-b2-c3-d4-e5-f6", &device, NULL), 0);
    assert_int_equal(sas_key_encode(&device, &text, NULL), 0);
    assert_string_equal((const char *)text.data, "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc=");
    /* The ID counts as it is sent: another case is another key. */
    assert_int_equal(sas_derive(&key, "SN-007-888-abc-mac-a1-b2-c3-d4-e5-f6", &device, NULL), 0);
    assert_int_equal(sas_key_encode(&device, &text, NULL), 0);
    assert_string_not_equal((const char *)text.data,
                            "Jsm0lyGpjaVYVP2g3FnmnmG9dI/9qU24wNoykUmermc=");
    secret_reset(&text);
    secret_reset(&device);
    secret_reset(&key);
}

/* --- keys ----------------------------------------------------------------------------------- */

/* 32 bytes: 0, 1, 2 ... */
#define GOOD "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void key_bytes(void **state)
{
    static const char *const shapes[] = {GOOD, GOOD "\n", GOOD "\r\n", GOOD " \t\r\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct secret key = {0};

        decode_good(shapes[i], &key);
        assert_int_equal(key.len, 32);
        for (size_t k = 0; k < key.len; k++)
            assert_int_equal(key.data[k], k);
        secret_reset(&key);
    }
}

/* All lengths that a key can have, there and back. */
static void key_lengths(void **state)
{
    (void)state;
    for (size_t n = SAS_KEY_MIN; n <= SAS_KEY_MAX; n++) {
        struct secret key = {0}, text = {0}, back = {0};

        for (size_t i = 0; i < n; i++)
            assert_int_equal(
                secret_append(&key, &(unsigned char){(unsigned char)(i * 37 + n)}, 1, NULL), 0);
        assert_int_equal(sas_key_encode(&key, &text, NULL), 0);
        decode_good((const char *)text.data, &back);
        assert_int_equal(back.len, n);
        assert_memory_equal(back.data, key.data, n);
        secret_reset(&back);
        secret_reset(&text);
        secret_reset(&key);
    }
}

#define REST "AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const struct refusal {
    const char *text;
    const char *code;
    const char *part; /* of the sentence, or of the remedy */
} refusals[] = {
    {"", "sas-key-empty", "empty"},
    {" \r\n", "sas-key-empty", "empty"},
    {"HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=" GOOD, "sas-key-connection-string",
     "part number 3"},
    {"hostname=h.azure-devices.net;sharedaccesskey=" GOOD ";DeviceId=d",
     "sas-key-connection-string", "part number 2"},
    {"HostName=h.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=" GOOD,
     "sas-key-connection-string", "a policy of the hub"},
    {"SharedAccessKey=" GOOD, "sas-key-connection-string", "what follows SharedAccessKey="},
    {"HostName=h.azure-devices.net;DeviceId=d;x509=true", "sas-key-connection-string",
     "no token is needed"},
    {"HostName=h.azure-devices.net;DeviceId=d", "sas-key-connection-string", "is missing"},
    {"SharedAccessSignature sr=h&sig=x&se=1", "sas-key-token", "finished token"},
    {"-----BEGIN PRIVATE KEY-----\nMIGH", "sas-key-pem", "PEM"},
    {"{\n  \"primaryKey\": \"" GOOD "\"\n}", "sas-key-json", "JSON"},
    {"\"" GOOD "\"\n", "sas-key-text", "quotation marks"},
    {"\xEF\xBB\xBF" GOOD, "sas-key-text", "byte order mark"},
    {"\xFF\xFE" GOOD, "sas-key-text", "UTF-16"},
    {"AAEC" REST "%3D", "sas-key-text", "URL-encoded"},
    {" " GOOD, "sas-key-base64", "character 1 is a blank"},
    {"AAEC\n" REST, "sas-key-text", "more than one line"},
    {"AA-C" REST, "sas-key-base64", "base64 for URLs"},
    {"AAE=" REST, "sas-key-base64", "a = that is not at the end"},
    {"AA*C" REST, "sas-key-base64", "character 3 is a character that base64 does not have"},
    {"AA\xC2\xA0" REST, "sas-key-base64", "beyond plain ASCII"},
    {"AA\x01"
     "C" REST,
     "sas-key-base64", "a control character"},
    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "sas-key-base64", "is missing"},
    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh=", "sas-key-base64", "no multiple of four"},
    {GOOD "\n" GOOD, "sas-key-text", "more than one line"},
    {GOOD "=", "sas-key-base64", "no multiple of four"},
    /* 8 = 111100: its last two bits are beyond the 32 bytes; 9 = 111101 sets one of them */
    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", "sas-key-base64", "cannot stand there"},
    {"AAECAwQFBgcICQoLDA0OD1==", "sas-key-base64", "cannot stand there"},
    {"====", "sas-key-base64", "character 1"},
    {"AAECAwQFBgcICQoLDA0O", "sas-key-length", "15 bytes"},
};

static void assert_told(const struct findings *findings, const struct refusal *r)
{
    const struct finding *f = findings_get(findings, r->code);

    if (f == NULL)
        fail_msg("%s: no finding %s but %s", r->text, r->code,
                 findings->count > 0 ? findings->items[0].code : "none");
    assert_int_equal(findings->count, 1);
    if (strstr(f->what, r->part) == NULL &&
        (f->remedy == NULL || strstr(f->remedy, r->part) == NULL))
        fail_msg("%s: \"%s\" does not say \"%s\"", r->text, f->what, r->part);
    assert_string_equal(f->key, where.key);
    /* Nothing of the key is told. */
    for (size_t i = 0; i < findings->count; i++) {
        assert_null(strstr(findings->items[i].what, "AwQF"));
        assert_true(findings->items[i].remedy == NULL ||
                    strstr(findings->items[i].remedy, "AwQF") == NULL);
    }
}

static void key_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct findings findings = {0};
        struct secret key = {0};

        assert_int_equal(decode(refusals[i].text, strlen(refusals[i].text), &key, &findings),
                         ERR_VALUE);
        assert_int_equal(key.len, 0);
        assert_int_equal(findings_worst(&findings), SEVERITY_ERROR);
        assert_told(&findings, &refusals[i]);
        findings_reset(&findings);
    }
}

static void key_with_nul(void **state)
{
    static const char inside[] = "AAEC\0AwQ" REST;
    struct findings findings = {0};
    struct secret key = {0};

    (void)state;
    assert_int_equal(decode(inside, sizeof inside - 1, &key, &findings), ERR_VALUE);
    assert_non_null(findings_get(&findings, "sas-key-base64"));
    findings_reset(&findings);
}

/* Taken, since somebody may have set such a key. */
static void key_warned(void **state)
{
    static const struct refusal rows[] = {
        {"8DA7F965EC5EFC37910F1C6E59FDC1CC6A6EDE16", "sas-key-thumbprint", "SHA-1"},
        {"8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e", "sas-key-thumbprint",
         "SHA-256"},
    };
    char long_key[93];
    struct findings findings = {0};
    struct secret key = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(decode(rows[i].text, strlen(rows[i].text), &key, &findings), 0);
        assert_int_equal(key.len, strlen(rows[i].text) / 4 * 3);
        assert_int_equal(findings_worst(&findings), SEVERITY_WARNING);
        assert_told(&findings, &rows[i]);
        findings_reset(&findings);
    }
    memset(long_key, 'A', 92);
    long_key[92] = '\0';
    assert_int_equal(decode(long_key, 92, &key, &findings), 0);
    assert_int_equal(findings_worst(&findings), SEVERITY_WARNING);
    assert_non_null(findings_get(&findings, "sas-key-length"));
    findings_reset(&findings);
    secret_reset(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_as_published), cmocka_unit_test(resource_as_sent),
        cmocka_unit_test(derive_as_published), cmocka_unit_test(key_bytes),
        cmocka_unit_test(key_lengths),         cmocka_unit_test(key_refused),
        cmocka_unit_test(key_with_nul),        cmocka_unit_test(key_warned),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
