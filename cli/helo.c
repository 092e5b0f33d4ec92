#include "cli/helo.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMELESS "localhost.localdomain"

/* Only a name with a dot says more than the short one. */
static bool is_full(const char *name)
{
    return tc_starttls_is_name(name) && strchr(name, '.') != NULL;
}

void cli_helo_find(char out[CLI_HELO_BYTES])
{
    const struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[CLI_HELO_BYTES] = "";
    if (gethostname(host, sizeof host) != 0) {
        host[0] = '\0';
    }
    host[sizeof host - 1] = '\0'; /* a name that was cut may have no end */
    (void)snprintf(out, CLI_HELO_BYTES, "%s", tc_starttls_is_name(host) ? host : NAMELESS);
    if (host[0] == '\0' || is_full(host) || getaddrinfo(host, NULL, &hints, &found) != 0) {
        return;
    }
    if (found->ai_canonname != NULL && is_full(found->ai_canonname)) {
        (void)snprintf(out, CLI_HELO_BYTES, "%s", found->ai_canonname);
    }
    freeaddrinfo(found);
}
