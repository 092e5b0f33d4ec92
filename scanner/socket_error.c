#include "socket_error.h"

#include <errno.h>
#include <string.h>

enum tc_outcome tc_socket_error_outcome(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return TC_OUTCOME_REFUSED;
    case ETIMEDOUT:
        return TC_OUTCOME_CONNECT_TIMEOUT;
    case ECONNRESET:
    case EPIPE:
        return TC_OUTCOME_RESET;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
    case EPERM:
    case EACCES:
        return TC_OUTCOME_LOCAL_ERROR;
    default: /* ENETUNREACH, EHOSTUNREACH, EHOSTDOWN, ENETDOWN, EAFNOSUPPORT, EPROTO … */
        return TC_OUTCOME_UNREACHABLE;
    }
}

const char *tc_socket_error_words(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "the port is closed";
    case ETIMEDOUT:
        return "no answer to our SYN";
    case ECONNRESET:
        return "reset as soon as it was connected";
    case EMFILE:
    case ENFILE:
        return "no file descriptors left on this machine";
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EAGAIN:
        return "no local ports left on this machine";
    case EPERM:
    case EACCES:
        return "this machine does not allow the connection";
    case ENETUNREACH:
        return "no route to the network";
    case EHOSTUNREACH:
    case EHOSTDOWN:
        return "no route to the host";
    default:
        return strerror(error);
    }
}
