/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_ATTR_H
#define COMCERT_BASE_ATTR_H

/* What a compiler can check about a call, where it can. */
#if defined(__GNUC__)
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_MUST_USE          __attribute__((warn_unused_result))
#else
#define ATTR_PRINTF(fmt, args)
#define ATTR_MUST_USE
#endif

#endif
