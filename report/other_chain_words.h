/* What is said of the chains that a server sent when it was asked differently: page and `show` say
 * the same. */
#ifndef REPORT_OTHER_CHAIN_WORDS_H
#define REPORT_OTHER_CHAIN_WORDS_H

#include "html_arena.h"

/*
 * tc_other_chain_words says in a line what came: "trusted, covers the name, chain complete, ends
 * 2027-01-01, SHA-256 0a1b2c3d4e5f…". `rows` stands on a row of report_other_chains.sql.
 * Ownership: the text is the arena's.
 */
const char *tc_other_chain_words(struct html_arena *arena, const struct tc_rows *rows);
/* How that row's chain was asked for, "other-key", "no-sni" or "unknown-sni". Until the next row.
 */
const char *tc_other_chain_role(const struct tc_rows *rows);

#endif
