/* What a survey did not measure, and why: by what the server lacks, by the profile, or by its end.
 */
#include "accepts.h"
#include "tlscensus/buf.h"
#include "tlscensus/features.h"

#define NUM_OLDER_VERSIONS 5U                  /* below TLS 1.3 */
#define LIST_MAX           ((size_t)16 * 1024) /* bytes; an arena keeps no longer text */

static unsigned lacks_by_suite(const struct tc_accepts *accepts)
{
    unsigned lacks = TC_NEEDS_DHE | TC_NEEDS_CBC;
    for (size_t i = 0; i < accepts->num_suites; i++) {
        lacks &= ~(accepts->suites[i].is_dhe ? TC_NEEDS_DHE : 0U);
        lacks &= ~(accepts->suites[i].is_cbc ? TC_NEEDS_CBC : 0U);
    }
    return lacks;
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

/* What the server certainly lacks, of enum tc_trait_needs: a version that was not measured may be
 * there. */
static unsigned lacks_by_version(const struct tc_accepts *accepts)
{
    bool is_known = accepts->tls13 != TC_UNKNOWN &&
                    accepts->num_older + accepts->num_older_refused == NUM_OLDER_VERSIONS;
    unsigned num_versions = accepts->num_older + (accepts->tls13 == TC_YES ? 1U : 0U);
    return (accepts->tls13 == TC_NO ? TC_NEEDS_TLS13 | TC_NEEDS_BOTH : 0U) |
           (is_known && accepts->num_older == 0 ? TC_NEEDS_OLDER | TC_NEEDS_BOTH : 0U) |
           (is_known && num_versions < 2 ? TC_NEEDS_TWO : 0U);
}

/* A survey that was cut short need not have come to what the rest depends on. */
static unsigned lacks_of(const struct tc_accepts *accepts)
{
    if (accepts->cut_short[0] != '\0') {
        return lacks_by_version(accepts);
    }
    return lacks_by_version(accepts) | lacks_by_suite(accepts) |
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

/* "asked in profile deep alone: a, b": all that was not measured for one reason; "" for nothing. */
static const char *line_of(struct tc_accepts *accepts, unsigned lacks, unsigned reason)
{
    struct tc_buf line;
    bool is_empty = true;
    tc_buf_init(&line, LIST_MAX);
    tc_buf_add_str(&line, reason == 0 && accepts->cut_short[0] != '\0'
                              ? "the survey was cut short"
                              : tc_trait_needs_words(reason));
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (trait->supported == TC_UNKNOWN && reason_of(lacks, trait->words->needs) == reason) {
            tc_buf_add_str(&line, is_empty ? ": " : ", ");
            tc_buf_add_str(&line, tc_accepted_title(&accepts->arena, trait));
            is_empty = false;
        }
    }
    const char *words = html_copy(&accepts->arena, is_empty || line.data == NULL ? "" : line.data);
    tc_buf_cleanup(&line);
    return words;
}

size_t tc_accepts_unmeasured(struct tc_accepts *accepts, const char *out[TC_MAX_UNMEASURED])
{
    unsigned lacks = lacks_of(accepts);
    size_t num = 0;
    /* What has no other reason comes last. */
    for (unsigned reason = TC_NEEDS_TLS13; reason <= TC_NEEDS_DEEP << 1; reason <<= 1) {
        const char *line = line_of(accepts, lacks, reason <= TC_NEEDS_DEEP ? reason : 0);
        if (line[0] != '\0') {
            out[num++] = line;
        }
    }
    return num;
}
