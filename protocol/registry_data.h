/* What the build makes of registry.tsv and known_primes.tsv; registry.c alone includes it. */
#ifndef TLSCENSUS_PROTOCOL_REGISTRY_DATA_H
#define TLSCENSUS_PROTOCOL_REGISTRY_DATA_H

#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* Sorted by kind and code, without duplicates: the build fails where the file is not. */
extern const struct tc_registry_entry tc_registry_table[];
extern const size_t tc_registry_table_len;
/* The first line of the file, without its comment sign. */
extern const char tc_registry_source_line[];

/* The entries with properties, in the same order. */
extern const struct tc_suite tc_suite_table[];
extern const size_t tc_suite_table_len;
extern const struct tc_group tc_group_table[];
extern const size_t tc_group_table_len;
extern const struct tc_scheme tc_scheme_table[];
extern const size_t tc_scheme_table_len;

/* Sorted by hash. */
extern const struct tc_known_prime tc_known_prime_table[];
extern const size_t tc_known_prime_table_len;

#endif
