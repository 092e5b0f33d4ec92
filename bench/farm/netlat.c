/* netlat - a user-space delay line between two network namespaces.
 *
 * For kernels without sch_netem.  Opens one tun device in each namespace and
 * carries IPv4 packets between them, each one DELAY milliseconds late (TCP and
 * UDP each have their own delay).  It can lose packets, at a fixed rate drawn
 * from a fixed-seed generator.
 *
 * usage: netlat NS_A DEV_A NS_B DEV_B TCP_MS UDP_MS [LOSS_PERMILLE]
 *
 * Prints "ready" when both devices exist; stops on SIGTERM/SIGINT, or after
 * NETLAT_MAX_SECONDS (default 14400) whichever comes first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MTU = 1500, SLOTS = 65536 };

struct pkt {
    int64_t due;
    uint16_t len;
    unsigned char b[MTU + 36];
};
struct queue {
    struct pkt *p;
    unsigned head, tail;
}; /* FIFO: the delay is constant */

static volatile sig_atomic_t stop;
static void on_signal(int s)
{
    (void)s;
    stop = 1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int tun_in(const char *ns, const char *dev)
{
    char path[256];
    snprintf(path, sizeof path, "/var/run/netns/%s", ns);
    int n = open(path, O_RDONLY | O_CLOEXEC);
    if (n < 0 || setns(n, CLONE_NEWNET))
        die(path);
    close(n);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        die("/dev/net/tun");
    struct ifreq r;
    memset(&r, 0, sizeof r);
    r.ifr_flags = IFF_TUN | IFF_NO_PI;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", dev);
    if (ioctl(fd, TUNSETIFF, &r))
        die("TUNSETIFF");
    return fd;
}

struct line {
    int fd[2];        /* the tun devices */
    int64_t delay[2]; /* ns: tcp, udp */
    unsigned loss;    /* in a thousand */
    uint64_t rng;     /* xorshift64 */
    uint64_t moved;
    uint64_t lost;        /* on purpose */
    uint64_t full;        /* for want of room */
    struct queue q[2][2]; /* [direction][0 tcp, 1 udp] */
};

/* Hands on what is due at `t`. Returns when to look again: `next`, or earlier. */
static int64_t hand_on(struct line *line, int d, int c, int64_t t, int64_t next)
{
    struct queue *x = &line->q[d][c];
    while (x->head != x->tail && x->p[x->head].due <= t) {
        if (write(line->fd[!d], x->p[x->head].b, x->p[x->head].len) < 0 && errno == EAGAIN)
            break;
        x->head = (x->head + 1) % SLOTS;
        line->moved++;
    }
    return x->head != x->tail && x->p[x->head].due < next ? x->p[x->head].due : next;
}

static int is_unlucky(struct line *line)
{
    line->rng ^= line->rng << 13;
    line->rng ^= line->rng >> 7;
    line->rng ^= line->rng << 17;
    return line->loss && line->rng % 1000 < line->loss;
}

/* Takes what has come in from one side, IPv4 alone. */
static void take_in(struct line *line, int d)
{
    for (int n = 0; n < 512; n++) {
        unsigned char b[MTU + 36];
        ssize_t len = read(line->fd[d], b, sizeof b);
        if (len < 20)
            break;
        if (b[0] >> 4 != 4)
            continue;
        if (is_unlucky(line)) {
            line->lost++;
            continue;
        }
        int c = b[9] == 17;
        struct queue *x = &line->q[d][c];
        if ((x->tail + 1) % SLOTS == x->head) {
            line->full++;
            continue;
        }
        struct pkt *k = &x->p[x->tail];
        k->due = now_ns() + line->delay[c];
        k->len = (uint16_t)len;
        memcpy(k->b, b, (size_t)len);
        x->tail = (x->tail + 1) % SLOTS;
    }
}

static void carry(struct line *line, int64_t end)
{
    while (!stop) {
        int64_t t = now_ns(), next = t + 500000000;
        if (t > end)
            break;
        for (int i = 0; i < 4; i++)
            next = hand_on(line, i / 2, i % 2, t, next);
        struct pollfd p[2] = {{line->fd[0], POLLIN, 0}, {line->fd[1], POLLIN, 0}};
        int64_t w = next - now_ns();
        struct timespec ts = {w > 0 ? w / 1000000000 : 0, w > 0 ? w % 1000000000 : 0};
        if (ppoll(p, 2, &ts, NULL) < 0 && errno != EINTR)
            die("ppoll");
        for (int d = 0; d < 2; d++) {
            if (p[d].revents & POLLIN)
                take_in(line, d);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "usage: netlat NS_A DEV_A NS_B DEV_B TCP_MS UDP_MS [LOSS_PERMILLE]\n");
        return 2;
    }
    struct line line = {
        .fd = {tun_in(argv[1], argv[2]), tun_in(argv[3], argv[4])},
        .delay = {atoll(argv[5]) * 1000000, atoll(argv[6]) * 1000000},
        .loss = argc > 7 ? (unsigned)atoi(argv[7]) : 0,
        .rng = 0x9e3779b97f4a7c15u,
    };
    const char *max = getenv("NETLAT_MAX_SECONDS");
    int64_t end = now_ns() + (max ? atoll(max) : 14400) * 1000000000;
    for (int i = 0; i < 4; i++) {
        line.q[i / 2][i % 2].p = malloc(SLOTS * sizeof(struct pkt));
        if (!line.q[i / 2][i % 2].p)
            die("malloc");
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    puts("ready");
    fflush(stdout);
    carry(&line, end);
    fprintf(stderr, "netlat: moved %llu packets, lost %llu on purpose, %llu for want of room\n",
            (unsigned long long)line.moved, (unsigned long long)line.lost,
            (unsigned long long)line.full);
    return 0;
}
