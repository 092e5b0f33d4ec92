#include "tlscensus/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *tc_status_str(enum tc_status status)
{
    switch (status) {
    case TC_OK:
        return "done";
    case TC_ERR_NOMEM:
        return "out of memory";
    case TC_ERR_MALFORMED:
        return "malformed";
    case TC_ERR_RANGE:
        return "out of range";
    case TC_ERR_LIMIT:
        return "a limit was reached";
    case TC_ERR_UNSUPPORTED:
        return "not supported";
    case TC_ERR_NOT_FOUND:
        return "not found";
    case TC_ERR_INPUT:
        return "the input cannot be used";
    case TC_ERR_IO:
        return "input or output failed";
    case TC_ERR_STORE:
        return "the database failed";
    case TC_ERR_BUSY:
        return "the database is in use";
    case TC_ERR_FOREIGN:
        return "not a tlscensus database";
    case TC_ERR_VERSION:
        return "a database of another version";
    case TC_ERR_CANCELLED:
        return "cancelled";
    case TC_ERR_TLS:
        return "the TLS library failed";
    case TC_ERR_RESOLVER:
        return "no resolver can be used";
    case TC_ERR_END:
        return "nothing more";
    }
    return "unknown status";
}

enum tc_status tc_fail(struct tc_error *error, enum tc_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return status;
}
