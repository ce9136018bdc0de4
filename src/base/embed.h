/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_EMBED_H
#define COMCERT_BASE_EMBED_H

/* A text file that was built into the program. Tables end with a row whose name is NULL. */
struct embedded {
    const char *name; /* of the file, without folder and ending */
    const char *text;
};

/* src/pki/roots/ and src/profiles/, tables made by the Makefile with embed.awk. */
extern const struct embedded embedded_roots[];
extern const struct embedded embedded_profiles[];

#endif
