/* What a survey did not measure, and why: by what the server lacks, by the profile, or by its end.
 */
#include <string.h>

#include "accepts.h"
#include "tlscensus/buf.h"
#include "tlscensus/features.h"

#define LIST_MAX ((size_t)16 * 1024) /* bytes; an arena keeps no longer text */

static bool has_dhe(const struct tc_accepts *accepts)
{
    for (size_t i = 0; i < accepts->num_suites; i++) {
        const char *name = accepts->suites[i].name;
        if (strstr(name, "_DHE_") != NULL || strstr(name, "_DH_anon_") != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_heartbeat(const struct tc_accepts *accepts)
{
    for (size_t i = 0; i < accepts->num_traits; i++) {
        if (accepts->traits[i].words->code == TC_TRAIT_HEARTBEAT) {
            return accepts->traits[i].supported != TC_NO;
        }
    }
    return true;
}

/* What this server or this scan certainly lacks, of enum tc_trait_needs. A version that was not
 * measured may be there. */
static unsigned lacks_of(const struct tc_accepts *accepts)
{
    bool is_known = accepts->num_unknown == 0;
    bool no_older = is_known && accepts->num_older == 0;
    unsigned num_versions = accepts->num_older + (accepts->tls13 == TC_YES ? 1U : 0U);
    return (accepts->tls13 == TC_NO ? TC_NEEDS_TLS13 | TC_NEEDS_BOTH : 0U) |
           (no_older ? TC_NEEDS_OLDER | TC_NEEDS_BOTH : 0U) |
           (is_known && num_versions < 2 ? TC_NEEDS_TWO : 0U) |
           (has_dhe(accepts) ? 0U : TC_NEEDS_DHE) |
           (has_heartbeat(accepts) ? 0U : TC_NEEDS_HEARTBEAT) |
           TC_NEEDS_PORT_80 | /* an answer would be a yes or a no */
           (accepts->is_deep || accepts->lists[TC_LIST_ALPN][0] != '\0' ? 0U : TC_NEEDS_ALPN) |
           (accepts->is_deep ? 0U : TC_NEEDS_DEEP);
}

/* The first need that lacks: those of the server come before the profile. 0: nothing lacks. */
static unsigned reason_of(unsigned lacks, unsigned needs)
{
    unsigned both = lacks & needs;
    return both & (~both + 1U);
}

/* The titles of what was not measured for one reason. */
static const char *titles_of(struct tc_accepts *accepts, unsigned lacks, unsigned reason)
{
    struct tc_buf list;
    tc_buf_init(&list, LIST_MAX);
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (trait->supported == TC_UNKNOWN && reason_of(lacks, trait->words->needs) == reason) {
            tc_buf_add_str(&list, list.len > 0 ? ", " : "");
            tc_buf_add_str(&list, tc_accepted_title(&accepts->arena, trait));
        }
    }
    const char *titles = html_copy(&accepts->arena, list.data != NULL ? list.data : "");
    tc_buf_cleanup(&list);
    return titles;
}

size_t tc_accepts_unmeasured(struct tc_accepts *accepts, const char *out[TC_MAX_UNMEASURED])
{
    unsigned lacks = lacks_of(accepts);
    size_t num = 0;
    for (unsigned reason = TC_NEEDS_TLS13; reason <= TC_NEEDS_DEEP; reason <<= 1) {
        const char *titles = titles_of(accepts, lacks, reason);
        if (titles[0] != '\0') {
            out[num++] =
                html_format(&accepts->arena, "%s: %s", tc_trait_needs_words(reason), titles);
        }
    }
    const char *titles = titles_of(accepts, lacks, 0);
    if (titles[0] != '\0') {
        out[num++] = html_format(&accepts->arena, "%s: %s",
                                 accepts->cut_short[0] != '\0' ? "the survey was cut short"
                                                               : tc_trait_needs_words(0),
                                 titles);
    }
    return num;
}
