/* A scan with its writer at work, for tests of what the writer makes of what it is given. */
#ifndef WRITER_BENCH_H
#define WRITER_BENCH_H

#include "tlscensus/store.h"

struct bench {
    char *folder;
    const char *path;
    struct tc_store *store;
    struct tc_writer *writer;
    int64_t scan_id;
};

/* cmocka's: a bench with a scan that was just begun, in profile quick. */
int bench_setup(void **state);
int bench_teardown(void **state);
/* Ends the scan, and closes; the file can be looked at. */
void bench_finish(struct bench *bench, enum tc_scan_state scan_state);
/* Goes on with it. */
void bench_resume(struct bench *bench);
/* Registers one line and gives its id; `owner` may be NULL. */
int64_t bench_add(struct bench *bench, const char *host, uint64_t line, const char *owner,
                  enum tc_registration expected, size_t num_done);
/* Leaf, intermediate and a root that is trusted. */
struct tc_chain *bench_chain(const char *host);
/* What was seen at an address; `host`, where not NULL, has a certificate of that name. */
void bench_put(struct bench *bench, int64_t target_id, const char *address, const char *host);
void bench_put_interrupted(struct bench *bench, int64_t target_id, const char *address,
                           uint32_t endpoints_count);

#endif
