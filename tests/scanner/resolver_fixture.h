/* A resolver on scripted name servers, and what its lookups came to. */
#ifndef RESOLVER_FIXTURE_H
#define RESOLVER_FIXTURE_H

#include <uv.h>

#include "dns_server.h"
#include "scanner/resolver.h"

/* What one lookup came to. */
struct answer {
    unsigned calls;
    enum tc_outcome outcome;
    char detail[512];
    char addresses[2048]; /* separated by a space */
    char cnames[512];
    size_t num_addresses;
    int64_t dns_us;
    enum tc_dns_source source;
};

struct fixture {
    uv_loop_t loop;
    struct dns_server server;
    struct dns_server second;
    struct tc_dns *dns;
    struct tc_resolver *resolver;
};

/* Starts a loop and a server with the scripts of the names under .test. */
void open_fixture(struct fixture *fixture);
/* A second server with the same scripts. */
void open_second_server(struct fixture *fixture);
/* A resolver on the servers that are open; `options` may carry the rest. */
void open_resolver(struct fixture *fixture, struct tc_dns_options options);
/* Runs until no lookup is left. */
void run(struct fixture *fixture);
/* Begins a lookup whose end fills `answer`, which must live as long. */
void ask_for(struct fixture *fixture, struct answer *answer, const char *name);
/* Frees the resolver, stops the servers, and checks that every handle was closed. */
void close_fixture(struct fixture *fixture);

#endif
