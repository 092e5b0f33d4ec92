/* Who we are, for mail servers that are greeted with a name. */
#ifndef CLI_HELO_H
#define CLI_HELO_H

#include "tlscensus/starttls.h"

#define CLI_HELO_BYTES (TC_STARTTLS_NAME_MAX + 1)

/*
 * cli_helo_find gives this machine's full name, else its short one, else localhost.localdomain. It
 * may ask the system's resolver, and wait for it. RFC 5321 section 4.1.4.
 */
void cli_helo_find(char out[CLI_HELO_BYTES]);

#endif
