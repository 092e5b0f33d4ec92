/* floor - the least a BoringSSL TLS scanner can spend per host.
 *
 * For each "IP NAME" line of LIST: connect, full handshake, close.  Keeps
 * CONCURRENCY connections open from one epoll thread and records nothing.
 * The figure to beat is its CPU (user + sys) per handshake.
 *
 * usage: floor LIST PORT CONCURRENCY MODE [CAFILE] [OPTIONS]
 *   tcp    connect and close, no TLS: the kernel's share
 *   x509   TLS_method, no verification (every certificate parsed to X509)
 *   x509v  TLS_method, chain + host name verified in the handshake
 *   buf    TLS_with_buffers_method, certificates left as bytes
 *   pool   the same with a CRYPTO_BUFFER_POOL
 *   poolp  pool, and the leaf parsed once to an X509
 *   poolv  pool, chain + host name verified by the application with X509_verify_cert
 *   poolm  pool, issuer verified once for each distinct CRYPTO_BUFFER and then
 *          remembered; each leaf parsed, its signature and host name checked
 *   OPTIONS, letters: t read the TLS 1.3 session tickets before closing and keep
 *     client sessions; q send close_notify; 2 offer TLS 1.2 only
 *
 * Build: cc -O2 -I$BSSL_INC floor.c -L$BSSL_LIB -lssl -lcrypto -Wl,-rpath,$BSSL_LIB
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/base.h>
#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum mode { TCP, X509M, X509V, BUF, POOL, POOLP, POOLV, POOLM };
static const char *const names[] = {"tcp",  "x509",  "x509v", "buf",
                                    "pool", "poolp", "poolv", "poolm"};

struct target {
    struct in_addr ip;
    char name[64];
};
struct conn {
    int fd, connected, tickets;
    SSL *ssl;
    const struct target *t;
    double start;
};

static enum mode mode;
static const char *opts = "";
static X509_STORE *store;
static SSL_CTX *ctx;
static int ep, port;
static unsigned long ok, bad, in_flight;
static struct target *targets;
static size_t ntargets, next_target;
static int err_shown;

static double mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *w)
{
    perror(w);
    exit(1);
}

static long rss_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long a = 0, b = 0;
    if (f) {
        if (fscanf(f, "%ld %ld", &a, &b) != 2)
            b = 0;
        fclose(f);
    }
    return b * (sysconf(_SC_PAGESIZE) / 1024);
}

/* verification done by the application, chain as CRYPTO_BUFFERs */
static int check_full(const STACK_OF(CRYPTO_BUFFER) * chain, const char *name)
{
    STACK_OF(X509) *rest = sk_X509_new_null();
    X509 *leaf = X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(chain, 0));
    for (size_t i = 1; i < sk_CRYPTO_BUFFER_num(chain); i++)
        sk_X509_push(rest, X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(chain, i)));
    X509_STORE_CTX *sc = X509_STORE_CTX_new();
    int good = leaf && X509_STORE_CTX_init(sc, store, leaf, rest) &&
               X509_STORE_CTX_set_default(sc, "ssl_server") &&
               X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(sc), name, strlen(name)) &&
               X509_verify_cert(sc) == 1;
    X509_STORE_CTX_free(sc);
    sk_X509_pop_free(rest, X509_free);
    X509_free(leaf);
    return good;
}

static struct {
    CRYPTO_BUFFER *b;
    X509 *x;
    EVP_PKEY *key;
} memo[64];
static size_t nmemo;

static EVP_PKEY *issuer_key(CRYPTO_BUFFER *b)
{
    for (size_t i = 0; i < nmemo; i++)
        if (memo[i].b == b)
            return memo[i].key; /* the pool makes equal bytes one pointer */
    if (nmemo == 64)
        return NULL;
    X509 *x = X509_parse_from_buffer(b);
    X509_STORE_CTX *sc = X509_STORE_CTX_new();
    int good = x && X509_STORE_CTX_init(sc, store, x, NULL) && X509_verify_cert(sc) == 1;
    X509_STORE_CTX_free(sc);
    if (!good) {
        X509_free(x);
        return NULL;
    }
    CRYPTO_BUFFER_up_ref(b);
    memo[nmemo].b = b;
    memo[nmemo].x = x;
    memo[nmemo].key = X509_get_pubkey(x);
    return memo[nmemo++].key;
}

static int check_memo(const STACK_OF(CRYPTO_BUFFER) * chain, const char *name)
{
    if (sk_CRYPTO_BUFFER_num(chain) < 2)
        return 0;
    EVP_PKEY *key = issuer_key(sk_CRYPTO_BUFFER_value(chain, 1));
    X509 *leaf = X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(chain, 0));
    int good = key && leaf && X509_verify(leaf, key) == 1 &&
               X509_check_host(leaf, name, strlen(name), 0, NULL) == 1 &&
               X509_cmp_current_time(X509_get0_notAfter(leaf)) > 0;
    X509_free(leaf);
    return good;
}

static enum ssl_verify_result_t verify(SSL *ssl, uint8_t *alert)
{
    (void)alert;
    const STACK_OF(CRYPTO_BUFFER) *chain = SSL_get0_peer_certificates(ssl);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (!name) {
        struct conn *c = SSL_get_app_data(ssl);
        name = c->t->name;
    }
    if (mode == POOLV)
        return check_full(chain, name) ? ssl_verify_ok : ssl_verify_invalid;
    if (mode == POOLM)
        return check_memo(chain, name) ? ssl_verify_ok : ssl_verify_invalid;
    if (mode == POOLP) {
        X509 *x = X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(chain, 0));
        X509_free(x);
    }
    return ssl_verify_ok;
}

static int new_session(SSL *ssl, SSL_SESSION *s)
{
    (void)s;
    struct conn *c = SSL_get_app_data(ssl);
    c->tickets++;
    return 0;
}

static int start(struct conn *c)
{
    if (next_target == ntargets)
        return 0;
    c->t = &targets[next_target++];
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = c->t->ip};
    c->connected = c->tickets = 0;
    c->ssl = NULL;
    if (connect(c->fd, (struct sockaddr *)&a, sizeof a) < 0 && errno != EINPROGRESS)
        die("connect");
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e))
        die("epoll_ctl");
    in_flight++;
    return 1;
}

static void finish(struct conn *c, int good)
{
    if (good)
        ok++;
    else {
        bad++;
        if (!err_shown++) {
            fprintf(stderr, "first failure: %s: ", c->t->name);
            ERR_print_errors_fp(stderr);
            fputc('\n', stderr);
        }
        ERR_clear_error();
    }
    if (c->ssl) {
        if (good && strchr(opts, 'q'))
            SSL_shutdown(c->ssl);
        SSL_free(c->ssl);
    }
    close(c->fd);
    in_flight--;
    start(c);
}

static void step(struct conn *c)
{
    if (!c->connected) {
        int err = 0;
        socklen_t l = sizeof err;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err) {
            finish(c, 0);
            return;
        }
        c->connected = 1;
        if (mode == TCP) {
            finish(c, 1);
            return;
        }
        c->ssl = SSL_new(ctx);
        if (!c->ssl || !SSL_set_fd(c->ssl, c->fd) || !SSL_set_tlsext_host_name(c->ssl, c->t->name))
            die("SSL_new");
        SSL_set_app_data(c->ssl, c);
        if (mode == X509V)
            X509_VERIFY_PARAM_set1_host(SSL_get0_param(c->ssl), c->t->name, strlen(c->t->name));
        SSL_set_connect_state(c->ssl);
        if (strchr(opts, '2'))
            SSL_set_max_proto_version(c->ssl, TLS1_2_VERSION);
    }
    if (SSL_in_init(c->ssl)) {
        int r = SSL_do_handshake(c->ssl);
        if (r != 1) {
            int e = SSL_get_error(c->ssl, r);
            if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
                return;
            finish(c, 0);
            return;
        }
        if (!strchr(opts, 't') || SSL_version(c->ssl) < TLS1_3_VERSION) {
            finish(c, 1);
            return;
        }
    }
    char b[16]; /* option t: wait for the two tickets that the farm's server sends */
    int r = SSL_read(c->ssl, b, sizeof b);
    if (r <= 0 && SSL_get_error(c->ssl, r) == SSL_ERROR_WANT_READ && c->tickets < 2)
        return;
    finish(c, 1);
}

/* The place of a mode's name among all; -1 where there is no such mode. */
static int find_mode(const char *name)
{
    for (int i = 0; i < 8; i++) {
        if (!strcmp(name, names[i])) {
            return i;
        }
    }
    return -1;
}

/* Lines of the list: an address and a name. */
static void read_list(const char *path)
{
    char ip[64], name[64];
    size_t cap = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        die(path);
    while (fscanf(f, "%63s %63s", ip, name) == 2) {
        if (ntargets == cap) {
            cap = cap ? cap * 2 : 1024;
            struct target *more = realloc(targets, cap * sizeof *targets);
            if (!more)
                die("realloc");
            targets = more;
        }
        struct target *t = &targets[ntargets++];
        if (inet_pton(AF_INET, ip, &t->ip) != 1)
            die(ip);
        snprintf(t->name, sizeof t->name, "%s", name);
    }
    fclose(f);
}

static void make_context(const char *ca)
{
    int buffers = mode >= BUF;
    ctx = SSL_CTX_new(buffers ? TLS_with_buffers_method() : TLS_method());
    if (!ctx)
        die("SSL_CTX_new");
    SSL_CTX_set1_curves_list(ctx, "X25519:P-256");
    if (mode >= POOL)
        SSL_CTX_set0_buffer_pool(ctx, CRYPTO_BUFFER_POOL_new());
    SSL_CTX_set_session_cache_mode(ctx,
                                   strchr(opts, 't') ? SSL_SESS_CACHE_CLIENT : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_new_cb(ctx, new_session);
    if (buffers)
        SSL_CTX_set_custom_verify(ctx, SSL_VERIFY_PEER, verify);
    if (mode == X509V) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        if (!SSL_CTX_load_verify_locations(ctx, ca, NULL))
            die(ca);
    }
    if (mode == POOLV || mode == POOLM) {
        store = X509_STORE_new();
        if (!X509_STORE_load_locations(store, ca, NULL))
            die(ca);
    }
}

/* Until nothing is in flight, or nothing has happened for half a minute. */
static void drive_all(void)
{
    struct epoll_event ev[512];
    while (in_flight) {
        int n = epoll_wait(ep, ev, 512, 30000);
        if (n == 0) {
            fprintf(stderr, "stuck with %lu in flight\n", in_flight);
            break;
        }
        for (int i = 0; i < n; i++)
            step(ev[i].data.ptr);
    }
}

static double seconds_between(struct timeval from, struct timeval to)
{
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_usec - from.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: floor LIST PORT CONCURRENCY MODE [CAFILE] [OPTIONS]\n");
        return 2;
    }
    port = atoi(argv[2]);
    size_t conc = (size_t)atol(argv[3]);
    int m = find_mode(argv[4]);
    if (m < 0)
        return 2;
    mode = (enum mode)m;
    if (argc > 6)
        opts = argv[6];
    read_list(argv[1]);
    if (conc > ntargets)
        conc = ntargets;
    make_context(argc > 5 ? argv[5] : "");
    ep = epoll_create1(EPOLL_CLOEXEC);
    struct conn *cs = calloc(conc, sizeof *cs);
    struct rusage u0, u1;
    long rss0 = rss_kb();
    getrusage(RUSAGE_SELF, &u0);
    double t0 = mono();
    for (size_t i = 0; i < conc; i++)
        start(&cs[i]);
    drive_all();
    double wall = mono() - t0;
    getrusage(RUSAGE_SELF, &u1);
    double us = seconds_between(u0.ru_utime, u1.ru_utime);
    double sy = seconds_between(u0.ru_stime, u1.ru_stime);
    double n = (double)(ok + bad);
    printf("%-6s opts=%-3s port=%d conc=%-5zu ok=%lu bad=%lu wall=%.3f rate=%.0f/s user_us=%.1f "
           "sys_us=%.1f cpu_us=%.1f peak_rss_kb=%ld kb_per_conn=%.1f\n",
           names[mode], *opts ? opts : "-", port, conc, ok, bad, wall, n / wall, us / n * 1e6,
           sy / n * 1e6, (us + sy) / n * 1e6, u1.ru_maxrss,
           (double)(u1.ru_maxrss - rss0) / (double)conc);
    return bad != 0;
}
