/* What the build makes of registry.tsv; registry.c alone includes it. */
#ifndef TLSCENSUS_PROTOCOL_REGISTRY_DATA_H
#define TLSCENSUS_PROTOCOL_REGISTRY_DATA_H

#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* Sorted by kind and code, without duplicates: the build fails where the file is not. */
extern const struct tc_registry_entry tc_registry_table[];
extern const size_t tc_registry_table_len;
/* The first line of the file, without its comment sign. */
extern const char tc_registry_source_line[];

#endif
