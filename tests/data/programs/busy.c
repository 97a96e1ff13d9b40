/* Recursion, direct and mutual, and a library's callback: what a profile in C has to tell apart. */
#include <stdio.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline))

static NOINLINE int leaf(int n) {
    volatile int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i ^ (sum >> 3);
    return sum;
}

static NOINLINE int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static int is_odd(int n);

static NOINLINE int is_even(int n) {
    leaf(20);
    return n == 0 ? 1 : is_odd(n - 1);
}

static NOINLINE int is_odd(int n) {
    leaf(10);
    return n == 0 ? 0 : is_even(n - 1);
}

static NOINLINE int work(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += leaf(i % 300) + fib(i % 12) + is_even(i % 9);
    return sum;
}

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 200;
    int *values = malloc(1000 * sizeof *values);
    for (int i = 0; i < 1000; i++)
        values[i] = (i * 7919) % 1000;
    int sum = work(rounds);
    qsort(values, 1000, sizeof *values, compare);
    printf("%d %d\n", sum, values[3]);
    free(values);
    return 0;
}
