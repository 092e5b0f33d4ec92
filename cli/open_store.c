#include "cli/open_store.h"

#include "cli/talk.h"

enum tc_status cli_open_store(struct tc_store **out, const char *path, enum tc_store_mode mode,
                              struct tc_error *error)
{
    enum tc_status status = tc_store_open(out, path, mode, error);
    const char *copy = status == TC_OK ? tc_store_kept_copy(*out) : NULL;
    if (copy != NULL) {
        cli_warning("%s: was of an older version and is up to date now; as it was it is kept as %s",
                    path, copy);
    }
    return status;
}
