/* SPDX-License-Identifier: MIT */
#include "pki/pki.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/secret.h"

/* RSA-2048 keys take about 900 bytes of it each: room for a thousand. */
#define SECURE_HEAP_SIZE ((size_t)1 << 20)
#define SECURE_HEAP_UNIT 32

static void wiping_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    if (p != NULL)
        mem_wipe(p, malloc_usable_size(p));
    free(p);
}

static void *wiping_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return n != 0 ? malloc(n) : NULL;
}

static void *wiping_realloc(void *p, size_t n, const char *file, int line)
{
    size_t have = p != NULL ? malloc_usable_size(p) : 0;
    void *fresh;

    if (n == 0) {
        wiping_free(p, file, line);
        return NULL;
    }
    fresh = malloc(n);
    if (fresh == NULL || p == NULL)
        return fresh;
    memcpy(fresh, p, have < n ? have : n);
    wiping_free(p, file, line);
    return fresh;
}

int pki_start(struct err *err)
{
    static bool started;

    if (started)
        return err_set(err, ERR_INTERNAL, "OpenSSL was prepared for keys before");
    started = true;
    /* Before the first allocation: afterwards OpenSSL does not take other functions any more. */
    if (CRYPTO_set_mem_functions(wiping_malloc, wiping_realloc, wiping_free) != 1)
        return err_set(err, ERR_INTERNAL, "OpenSSL was in use before it was prepared for keys");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_set(err, ERR_UNSUPPORTED, "this system does not let core dumps be forbidden");
    /* 2 means that not all of it could be locked into memory, which is no reason to give up. */
    if (CRYPTO_secure_malloc_init(SECURE_HEAP_SIZE, SECURE_HEAP_UNIT) == 0) {
        ERR_clear_error();
        return err_set(err, ERR_NOMEM, "out of memory for the secure heap");
    }
    /* openssl.cnf can load engines and providers of anybody's choosing into a process with keys,
     * and reading it costs more than all three credentials. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
                            NULL) != 1)
        return err_set(err, ERR_INTERNAL, "OpenSSL cannot be initialised");
    return 0;
}

void pki_stop(void)
{
    /* The random generator keeps its state in the secure heap, so that comes first. */
    OPENSSL_cleanup();
    (void)CRYPTO_secure_malloc_done();
}
