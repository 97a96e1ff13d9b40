/* Four threads that pass one line 25 times each. */
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, ROUNDS = 25 };

static pthread_barrier_t start;
static int counts[THREADS];

static void *work(void *argument) {
    int *count = argument;
    pthread_barrier_wait(&start);
    for (int round = 0; round < ROUNDS; round++) {
        *count += 1; // mark: work
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, &counts[i]);
    }
    int total = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        total += counts[i];
    }
    printf("total %d\n", total);
    return 0;
}
