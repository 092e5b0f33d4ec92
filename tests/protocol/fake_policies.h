/* Policies of servers as they are met, and as nobody should meet them. */
#ifndef TLSCENSUS_FAKE_POLICIES_H
#define TLSCENSUS_FAKE_POLICIES_H

#include "fake_server.h"

/* All of them keep the rules. */
extern const struct fake_policy fake_policies[];
extern const size_t fake_num_policies;
/* By name; there must be one. */
const struct fake_policy *fake_policy_find(const char *name);
/* Any policy at all: its versions, lists and habits follow from the seed. */
void fake_policy_invent(struct fake_policy *out, uint64_t seed);
/* What another machine behind the same name may be like: the same, but for something. */
void fake_policy_vary(struct fake_policy *policy, uint64_t seed);
/* Adds a quirk to it and says which. There are fake_num_spoilers() kinds. */
const char *fake_policy_spoil(struct fake_policy *policy, size_t kind, uint64_t seed);
size_t fake_num_spoilers(void);

#endif
