/* Certificates made to order, read. */
#ifndef CERT_FIXTURE_H
#define CERT_FIXTURE_H

#include "make_cert.h"
#include "tlscensus/certificate.h"

/* The caller releases it. Without a key of its own a recipe gets one on P-256. */
struct tc_cert *read_recipe(struct cert_recipe recipe);

#endif
