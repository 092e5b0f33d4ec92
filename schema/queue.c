#include "queue.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256U
#define MAX_CAPACITY   (1U << 20) /* 16 MiB: ten times what may be in flight with its addresses */

static enum tc_status grow(struct tc_queue *queue)
{
    size_t capacity = queue->capacity > 0 ? queue->capacity * 2 : FIRST_CAPACITY;
    if (capacity > MAX_CAPACITY) {
        return TC_ERR_LIMIT;
    }
    struct tc_queue_message *ring = calloc(capacity, sizeof *ring);
    if (ring == NULL) {
        return TC_ERR_NOMEM;
    }
    size_t count = tc_queue_take(queue, ring, queue->count);
    free(queue->ring);
    *queue = (struct tc_queue){.ring = ring, .capacity = capacity, .count = count};
    return TC_OK;
}

enum tc_status tc_queue_push(struct tc_queue *queue, struct tc_queue_message message)
{
    if (queue->count == queue->capacity) {
        enum tc_status status = grow(queue);
        if (status != TC_OK) {
            return status;
        }
    }
    queue->ring[(queue->first + queue->count) & (queue->capacity - 1)] = message;
    queue->count++;
    return TC_OK;
}

size_t tc_queue_take(struct tc_queue *queue, struct tc_queue_message *out, size_t max)
{
    size_t num = queue->count < max ? queue->count : max;
    for (size_t i = 0; i < num; i++) {
        out[i] = queue->ring[(queue->first + i) & (queue->capacity - 1)];
    }
    if (num > 0) {
        queue->first = (queue->first + num) & (queue->capacity - 1);
        queue->count -= num;
    }
    return num;
}

void tc_queue_cleanup(struct tc_queue *queue)
{
    free(queue->ring);
    *queue = (struct tc_queue){0};
}

static const char *append(char **end, const char *text)
{
    size_t len = strlen(text) + 1;
    char *start = memcpy(*end, text, len);
    *end += len;
    return start;
}

struct tc_rejection *tc_rejection_copy(const struct tc_rejection *rejection)
{
    size_t len = sizeof *rejection + strlen(rejection->file) + strlen(rejection->text) +
                 strlen(rejection->reason) + 3;
    struct tc_rejection *copy = malloc(len);
    if (copy == NULL) {
        return NULL;
    }
    char *end = (char *)(copy + 1);
    copy->line = rejection->line;
    copy->file = append(&end, rejection->file);
    copy->text = append(&end, rejection->text);
    copy->reason = append(&end, rejection->reason);
    return copy;
}
