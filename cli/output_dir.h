/*
 * A folder of results, one folder in it for each scan, and a link `latest`. A set of files is built
 * where nobody looks, then put in place by renaming: nobody ever meets half of one.
 */
#ifndef CLI_OUTPUT_DIR_H
#define CLI_OUTPUT_DIR_H

#include <stdbool.h>

#include "tlscensus/status.h"

#define CLI_OUTPUT_PATH_MAX 4096

/*
 * cli_output_dir_check makes the folder `path` where it is missing, and makes sure that a set can
 * be written into it: a scan of hours should not find out at its end. Errors: TC_ERR_IO.
 */
TC_MUST_USE enum tc_status cli_output_dir_check(const char *path, struct tc_error *error);

/* Writes the files of a set into `folder`, which is empty. */
typedef enum tc_status (*cli_output_fill)(const void *context, const char *folder,
                                          struct tc_error *error);

/*
 * cli_output_dir_write has `fill` write the files of a set into a new folder, which becomes
 * `path`/`name` when all are there; a set of that name is replaced. With `is_latest` the link
 * `path`/latest leads to it afterwards. Two programs at once take turns.
 * Errors: those of `fill`, TC_ERR_IO, TC_ERR_BUSY (another one has its turn for too long); what was
 *         there is then as it was, unless the very last rename fails: the set is in place then, and
 *         only the link is not.
 */
TC_MUST_USE enum tc_status cli_output_dir_write(const char *path, const char *name, bool is_latest,
                                                cli_output_fill fill, const void *context,
                                                struct tc_error *error);

#endif
