/*
 * What tests of the store share: a folder of their own, certificates, chains, targets and
 * observations by hand, and a second pair of eyes on the database. Whatever fails here fails the
 * test.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "tlscensus/store.h"

#define FIXTURE_START_S 1795399200 /* 2026-11-23 02:00:00 UTC */
#define FIXTURE_DAY_S   86400

/* A new folder below the system's temporary one; the caller frees it with fixture_folder_free(). */
char *fixture_folder_new(void);
void fixture_folder_free(char *folder);
/* The path of a file in it. Static: good for fifteen more calls. */
const char *fixture_path(const char *folder, const char *name);

/* A certificate that needs no DER: its bytes are its names. One reference. */
struct tc_cert *fixture_cert(const char *cn, const char *issuer_cn, bool is_ca);
/* Bytes that no certificate is. */
struct tc_cert *fixture_cert_broken(const char *bytes);
/*
 * A chain of `num_presented` certificates (one reference each is taken over). Trusted, with `root`
 * behind them on its path; or, where `root` is NULL, of an unknown issuer.
 */
struct tc_chain *fixture_chain(struct tc_cert *const *presented, size_t num_presented,
                               struct tc_cert *root);
/* An observation in state ok. Takes over the chain's reference, which may be NULL. */
struct tc_observation *fixture_observation(int64_t target_id, const char *address,
                                           struct tc_chain *chain);
/* host:443 on a line, with labels "owner" and "city" where they are not NULL. */
struct tc_target *fixture_target(const char *host, uint64_t line, const char *owner,
                                 const char *city);
void fixture_target_free(struct tc_target *target);

/* A new scan in the database at `path`, which may exist already. */
struct tc_store *fixture_scan_begin(const char *path, int64_t *out_scan_id);
void fixture_scan_end(struct tc_store *store, int64_t scan_id, enum tc_scan_state state);
/* Registers one target and says what became of it; its id and done addresses stay in `target`. */
enum tc_registration fixture_register(struct tc_writer *writer, struct tc_target *target);

/* What another program sees: the first column of the first row. -1 and "" for NULL or no row. */
int64_t fixture_int(const char *path, const char *sql);
const char *fixture_text(const char *path, const char *sql);
/* Runs statements on the file as another program would. */
void fixture_exec(const char *path, const char *sql);

#endif
