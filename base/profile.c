/* Names of profiles: what the command line says, and what the store writes. */
#include "tlscensus/profile.h"

static const char *const k_names[TC_PROFILE_COUNT] = {
    [TC_PROFILE_QUICK] = "quick",
    [TC_PROFILE_STANDARD] = "standard",
    [TC_PROFILE_DEEP] = "deep",
};

const char *tc_profile_str(enum tc_profile profile)
{
    return (unsigned)profile < TC_PROFILE_COUNT ? k_names[profile] : "unknown";
}
