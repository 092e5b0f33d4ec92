/*
 * Inside the room: what of a row of scans is told. A fact that holds or not, or has a rank, was
 * seen in each of them; who reads the mails has been told one of its values, and is told another
 * only when it has lasted as long as it must.
 */
#ifndef SCHEMA_TOLD_H
#define SCHEMA_TOLD_H

#include <sqlite3.h>
#include <stddef.h>

struct tc_told_limits {
    unsigned up;    /* scans in a row after which a higher value is told, at least 1 */
    unsigned down;  /* likewise for a lower one */
    unsigned hold;  /* what comes and goes is told only after so many: machines take turns */
    unsigned turns; /* so many changes back to what was told before are told first, at least 1 */
};

/*
 * tc_told plays the scans, one character each, oldest first. The first is known. Returns the value
 * that was told so far where the last scan makes its own value told; else 0.
 */
char tc_told(const char *scans, size_t num_scans, const struct tc_told_limits *limits);

/* Makes told(scans, up, down, hold, turns) known to a connection: the value as text, or NULL. */
int tc_told_register(sqlite3 *db);

#endif
