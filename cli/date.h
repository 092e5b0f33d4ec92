/* Dates as people write them. */
#ifndef CLI_DATE_H
#define CLI_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* YYYY-MM-DD (its first second) or YYYY-MM-DDTHH:MM:SSZ, both UTC. False for anything else. */
bool cli_parse_date(int64_t *out_s, const char *text);

#endif
