/* Every enumerated fact has three values. */
#ifndef TLSCENSUS_TRISTATE_H
#define TLSCENSUS_TRISTATE_H

/* TC_UNKNOWN is not measured: it never counts as no, and never as yes. */
enum tc_tristate { TC_UNKNOWN = -1, TC_NO = 0, TC_YES = 1 };

#endif
