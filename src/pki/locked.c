/* SPDX-License-Identifier: MIT */
#include "pki/locked.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { ATTEMPTS = 16 }; /* a source that never gives up must not hold us for ever */

bool legacy_open(struct legacy *legacy)
{
    legacy->lib = OSSL_LIB_CTX_new();
    if (legacy->lib != NULL) {
        legacy->modern = OSSL_PROVIDER_load(legacy->lib, "default");
        legacy->old = OSSL_PROVIDER_load(legacy->lib, "legacy");
    }
    if (legacy->modern != NULL && legacy->old != NULL)
        return true;
    legacy_close(legacy);
    return false;
}

void legacy_close(struct legacy *legacy)
{
    /* The context does not unload what was loaded into it. */
    if (legacy->old != NULL)
        OSSL_PROVIDER_unload(legacy->old);
    if (legacy->modern != NULL)
        OSSL_PROVIDER_unload(legacy->modern);
    OSSL_LIB_CTX_free(legacy->lib);
    *legacy = (struct legacy){0};
    ERR_clear_error();
}

#define GIVE_IT                                                                                    \
    "Give its passphrase (--passphrase-file FILE or --passphrase-fd N); it is used here only "     \
    "and the device gets the plain key."

static void say_no_passphrase(struct intake *in, const char *what, int attempt, int rc,
                              const struct err *err)
{
    if (rc != ERR_MISSING)
        intake_say(
            in, SEVERITY_ERROR, "key-encrypted", err->remedy[0] != '\0' ? err->remedy : GIVE_IT,
            "The key in %s is encrypted, and its passphrase cannot be had: %s.", what, err->text);
    else if (attempt == 0)
        intake_say(in, SEVERITY_ERROR, "key-encrypted", GIVE_IT,
                   "What is in %s is encrypted, and there is no passphrase for it.", what);
    else
        intake_say(in, SEVERITY_ERROR, "passphrase-wrong", "Give the right one.",
                   "The passphrase does not open what is in %s.", what);
}

bool locked_open(struct intake *in, unlock *try, void *ctx, const char *what)
{
    struct err err = {0};
    int rc = ERR_MISSING, attempt;

    for (attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct secret passphrase = {0};

        rc = ERR_MISSING;
        if (in->source != NULL && in->source->ask != NULL)
            rc = in->source->ask(in->source->ctx, in->file, attempt, &passphrase, &err);
        if (rc == 0) {
            rc = try(in, ctx, &passphrase);
            secret_reset(&passphrase);
            ERR_clear_error();
            if (rc == ERR_VALUE)
                continue;
            return rc == 0;
        }
        secret_reset(&passphrase);
        break;
    }
    say_no_passphrase(in, what, attempt, attempt == ATTEMPTS ? ERR_MISSING : rc, &err);
    return false;
}

void locked_say_unsupported(struct intake *in, const char *what)
{
    intake_say(in, SEVERITY_ERROR, "key-unsupported",
               "Write the key again with a cipher of today: openssl pkcs8 -topk8 -v2 aes256",
               "What is in %s is encrypted in a way that this system's OpenSSL cannot undo.", what);
}

bool locked_is_unsupported(void)
{
    unsigned long code;
    bool unsupported = false;

    while ((code = ERR_get_error()) != 0) {
        int reason = ERR_GET_REASON(code);

        unsupported |= reason == ERR_R_UNSUPPORTED;
        unsupported |=
            ERR_GET_LIB(code) == ERR_LIB_EVP &&
            (reason == EVP_R_UNKNOWN_PBE_ALGORITHM || reason == EVP_R_UNSUPPORTED_CIPHER ||
             reason == EVP_R_UNSUPPORTED_PRF ||
             reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION ||
             reason == EVP_R_UNSUPPORTED_ALGORITHM || reason == EVP_R_MEMORY_LIMIT_EXCEEDED);
    }
    return unsupported;
}
