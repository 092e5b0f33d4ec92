/*
 * jarm_client ADDRESS PORT HOST TIMEOUT_MS: fingerprints a server on an IPv4 address. Prints, for
 * each probe, what JARM takes from its answer and the answer's JA3S; JARM itself last.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tlscensus/fingerprint.h"

#define PIECE_BYTES 512 /* small, so that flights are put together from pieces */

struct client {
    struct sockaddr_in address;
    const char *host;
    long timeout_ms;
};

static int client_connect(const struct client *client)
{
    struct timeval timeout = {.tv_sec = client->timeout_ms / 1000,
                              .tv_usec = client->timeout_ms % 1000 * 1000};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
        connect(fd, (const struct sockaddr *)&client->address, sizeof client->address) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

/* Whether the answer ended, or settled, in time. */
static bool client_read(struct tc_flight *flight, int fd)
{
    uint8_t piece[PIECE_BYTES];
    ssize_t len = 0;
    do {
        len = read(fd, piece, sizeof piece);
        if (len > 0) {
            (void)tc_flight_feed(flight, piece, (size_t)len);
        }
    } while (len > 0 && flight->state == TC_FLIGHT_READING);
    return len >= 0 || flight->has_hello;
}

static void print_answer(const struct tc_jarm_answer *answer, const struct tc_flight *flight)
{
    char ja3s[TC_JA3S_CHARS + 1] = "-";
    if (answer->has_hello) {
        printf("%04x|%04x|%s|", answer->suite, answer->version, answer->alpn);
        for (size_t i = 0; i < answer->num_extensions; i++) {
            printf("%s%04x", i > 0 ? "-" : "", answer->extensions[i]);
        }
        (void)tc_ja3s(flight, ja3s);
    } else {
        printf("|||");
    }
    printf(" %s\n", ja3s);
}

static void ask(const struct client *client, struct tc_jarm *jarm, unsigned index)
{
    static const struct tc_flight_options k_options = {.max_bytes = 256 * 1024};
    struct tc_hello hello;
    struct tc_flight flight;
    uint8_t out[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    tc_jarm_hello(&hello, index, client->host, 1000 + index);
    if (tc_hello_write(&hello, out, sizeof out, &len) != TC_OK) {
        exit(1);
    }
    int fd = client_connect(client);
    tc_flight_init(&flight, &k_options);
    bool in_time = write(fd, out, len) == (ssize_t)len && client_read(&flight, fd);
    tc_jarm_note(jarm, index, in_time ? &flight : NULL);
    print_answer(&jarm->answers[index], &flight);
    tc_flight_cleanup(&flight);
    close(fd);
}

int main(int argc, char **argv)
{
    struct client client = {.address = {.sin_family = AF_INET}};
    struct tc_jarm jarm = {0};
    char text[TC_JARM_CHARS + 1];
    if (argc != 5 || inet_pton(AF_INET, argv[1], &client.address.sin_addr) != 1) {
        fprintf(stderr, "usage: jarm_client ADDRESS PORT HOST TIMEOUT_MS\n");
        return 2;
    }
    client.address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    client.host = argv[3];
    client.timeout_ms = strtol(argv[4], NULL, 10);
    for (unsigned i = 0; i < TC_JARM_PROBES && !jarm.timed_out; i++) {
        ask(&client, &jarm, i);
    }
    if (!tc_jarm_result(&jarm, text)) {
        return 1;
    }
    printf("%s\n", text);
    return 0;
}
