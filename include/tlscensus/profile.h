/*
 * How much is examined of a target.
 */
#ifndef TLSCENSUS_PROFILE_H
#define TLSCENSUS_PROFILE_H

/* Each has all that the one before it has. */
enum tc_profile {
    TC_PROFILE_QUICK = 0, /* one full handshake */
    TC_PROFILE_STANDARD,  /* and the survey (survey.h) */
    TC_PROFILE_DEEP,      /* and its deep part; handshake messages are kept */
    TC_PROFILE_COUNT
};
/* "quick", "standard", "deep", as in the command line and the store. Static. */
const char *tc_profile_str(enum tc_profile profile);

#endif
