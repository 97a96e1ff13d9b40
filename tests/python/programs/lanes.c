/* Four threads, each passing 10 times a line of its own, all at once. */
#include <pthread.h>

enum { ROUNDS = 10 };

static pthread_barrier_t gate;
static int counts[4];

static void count(int lane, int round) { counts[lane] += round; }

static void *run(void *argument) {
    int lane = *(int *)argument;
    for (int round = 1; round <= ROUNDS; round++) {
        pthread_barrier_wait(&gate);
        switch (lane) {
        case 0: count(lane, round); break; // mark: zero
        case 1: count(lane, round); break; // mark: one
        case 2: count(lane, round); break; // mark: two
        default: count(lane, round); break; // mark: three
        }
    }
    return 0;
}

int main(void) {
    pthread_t threads[4];
    int lanes[4] = {0, 1, 2, 3};
    pthread_barrier_init(&gate, 0, 4);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, run, &lanes[i]);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
    return 0;
}
