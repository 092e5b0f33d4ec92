/* The one place that knows which c-ares this is: 1.18 of Debian 12 or a newer one. */
#ifndef TLSCENSUS_SCANNER_CARES_H
#define TLSCENSUS_SCANNER_CARES_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/time.h>

/* Newer ones mark calls as outdated for which 1.18 has no other; they stay in all 1.x. */
#define CARES_NO_DEPRECATED
#include <ares.h>

#endif
