#include "intake.h"

#include <stdlib.h>
#include <uv.h>

struct tc_intake {
    uv_mutex_t lock; /* guards all below */
    uv_cond_t room;  /* a pull made room, or the run was cancelled */
    struct tc_target **ring;
    size_t capacity;
    size_t first; /* index of the oldest; always 0 when shuffled */
    size_t num;
    uint64_t num_pushed;
    uint64_t random; /* state of xorshift64*; never 0 */
    bool shuffled;
    bool closed;
    bool cancelled;
};

enum tc_status tc_intake_new(struct tc_intake **out, size_t capacity, bool shuffled, uint64_t seed)
{
    struct tc_intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        return TC_ERR_NOMEM;
    }
    intake->ring = calloc(capacity, sizeof(struct tc_target *));
    if (intake->ring == NULL || uv_mutex_init(&intake->lock) != 0) {
        goto no_lock;
    }
    if (uv_cond_init(&intake->room) != 0) {
        uv_mutex_destroy(&intake->lock);
        goto no_lock;
    }
    intake->capacity = capacity;
    intake->shuffled = shuffled;
    intake->random = seed | 1;
    *out = intake;
    return TC_OK;

no_lock:
    free(intake->ring);
    free(intake);
    return TC_ERR_NOMEM;
}

void tc_intake_free(struct tc_intake *intake)
{
    if (intake == NULL) {
        return;
    }
    for (size_t i = 0; i < intake->num; i++) {
        tc_target_free(intake->ring[(intake->first + i) % intake->capacity]);
    }
    uv_cond_destroy(&intake->room);
    uv_mutex_destroy(&intake->lock);
    free(intake->ring);
    free(intake);
}

enum tc_status tc_intake_push(struct tc_intake *intake, struct tc_target *target)
{
    enum tc_status status = TC_ERR_CANCELLED;
    uv_mutex_lock(&intake->lock);
    while (intake->num == intake->capacity && !intake->cancelled) {
        uv_cond_wait(&intake->room, &intake->lock);
    }
    if (!intake->cancelled) {
        intake->ring[(intake->first + intake->num) % intake->capacity] = target;
        intake->num++;
        intake->num_pushed++;
        status = TC_OK;
    }
    uv_mutex_unlock(&intake->lock);
    return status;
}

/* xorshift64* of Marsaglia and Vigna: the order needs no secrecy, only an even spread. */
static uint64_t next_random(struct tc_intake *intake)
{
    uint64_t x = intake->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    intake->random = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

/* Under the lock, with at least one inside. */
static struct tc_target *take(struct tc_intake *intake)
{
    struct tc_target *target = NULL;
    if (intake->shuffled) {
        size_t place = (size_t)((next_random(intake) >> 32) % intake->num);
        target = intake->ring[place];
        intake->ring[place] = intake->ring[intake->num - 1]; /* the last one fills the hole */
    } else {
        target = intake->ring[intake->first];
        intake->first = (intake->first + 1) % intake->capacity;
    }
    intake->num--;
    return target;
}

struct tc_target *tc_intake_pull(struct tc_intake *intake)
{
    struct tc_target *target = NULL;
    uv_mutex_lock(&intake->lock);
    if (intake->num > 0 && !intake->cancelled) {
        if (intake->num == intake->capacity) {
            uv_cond_signal(&intake->room);
        }
        target = take(intake);
    }
    uv_mutex_unlock(&intake->lock);
    return target;
}

void tc_intake_close(struct tc_intake *intake)
{
    uv_mutex_lock(&intake->lock);
    intake->closed = true;
    uv_mutex_unlock(&intake->lock);
}

void tc_intake_cancel(struct tc_intake *intake)
{
    uv_mutex_lock(&intake->lock);
    intake->cancelled = true;
    uv_cond_broadcast(&intake->room);
    uv_mutex_unlock(&intake->lock);
}

bool tc_intake_is_drained(struct tc_intake *intake)
{
    uv_mutex_lock(&intake->lock);
    bool drained = intake->cancelled || (intake->closed && intake->num == 0);
    uv_mutex_unlock(&intake->lock);
    return drained;
}

bool tc_intake_is_closed(struct tc_intake *intake)
{
    uv_mutex_lock(&intake->lock);
    bool closed = intake->closed || intake->cancelled;
    uv_mutex_unlock(&intake->lock);
    return closed;
}

uint64_t tc_intake_num_pushed(struct tc_intake *intake)
{
    uv_mutex_lock(&intake->lock);
    uint64_t num = intake->num_pushed;
    uv_mutex_unlock(&intake->lock);
    return num;
}
