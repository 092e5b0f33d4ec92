/* What an error of connect() or a socket says about the endpoint. */
#ifndef TC_SCANNER_SOCKET_ERROR_H
#define TC_SCANNER_SOCKET_ERROR_H

#include "tlscensus/outcome.h"

enum tc_outcome tc_socket_error_outcome(int error);
/* In words; static, or strerror()'s. */
const char *tc_socket_error_words(int error);

#endif
