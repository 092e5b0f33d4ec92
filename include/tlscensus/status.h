/*
 * What our own program could not do, and the words for it.
 *
 * enum tc_status says that *we* failed; enum tc_outcome (outcome.h) says what the *target* did.
 * A failed endpoint is a result row and never travels as a status.
 *
 * Defaults of every public header, so that comments name only exceptions: pointers are not NULL;
 * inputs are borrowed for the call; outputs are untouched on failure; free and release accept
 * NULL; functions run on the thread that owns the object.
 */
#ifndef TLSCENSUS_STATUS_H
#define TLSCENSUS_STATUS_H

#define TC_MUST_USE            __attribute__((warn_unused_result))
#define TC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define TC_ARRAY_LEN(array)    (sizeof(array) / sizeof((array)[0]))

enum tc_status {
    TC_OK = 0,
    TC_ERR_NOMEM,       /* memory ran out */
    TC_ERR_MALFORMED,   /* bytes that are not what they should be */
    TC_ERR_RANGE,       /* a number outside its limits */
    TC_ERR_LIMIT,       /* a cap of ours was reached */
    TC_ERR_UNSUPPORTED, /* well formed, and not built */
    TC_ERR_NOT_FOUND,   /* no such file, scan, rule, row */
    TC_ERR_INPUT,       /* an input that cannot be used: exit code 2 */
    TC_ERR_IO,          /* the operating system said no */
    TC_ERR_STORE,       /* the database said no */
    TC_ERR_BUSY,        /* another process writes to the database */
    TC_ERR_FOREIGN,     /* a database of another program, or none */
    TC_ERR_VERSION,     /* a database newer or older than this program can use */
    TC_ERR_CANCELLED,   /* stopped on request */
    TC_ERR_TLS,         /* the TLS library failed on our side */
    TC_ERR_RESOLVER,    /* no resolver can be used */
    TC_ERR_END          /* nothing more to read; not a failure */
};

/* tc_status_str names a status in words. The text is static. */
const char *tc_status_str(enum tc_status status);

/* One line for a person: what, where, what to do. No newline, no program name. */
struct tc_error {
    char text[512];
};

/*
 * tc_fail writes the formatted line into `*error` (which may be NULL: then nothing is written)
 * and returns `status`, so that a failure is one statement. A longer line is cut.
 */
enum tc_status tc_fail(struct tc_error *error, enum tc_status status, const char *format, ...)
    TC_PRINTF(3, 4);

#endif
