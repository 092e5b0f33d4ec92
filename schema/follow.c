/* A reader that follows a scan while it is written. */
#include "database.h"
#include "tlscensus/sql.h"

enum tc_status tc_store_follow(struct tc_store *store, struct tc_error *error)
{
    /* The file itself is open for reading alone: what may be written is temporary. */
    enum tc_status status =
        tc_db_exec(store, "PRAGMA query_only = OFF", "preparing to follow the scan", error);
    return status == TC_OK
               ? tc_db_exec(store, tc_sql_stream_make, "preparing to follow the scan", error)
               : status;
}
