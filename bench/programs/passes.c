/* A small frame, passed PASSES times between go() and done(): six values, four frames deep. */
#include <stdbool.h>

struct point {
    int x;
    int y;
};

static volatile long sink;

__attribute__((noinline)) static void push(int item, const char *name)
{
    long total = sink + item;
    double mean = total / (item + 1.0);
    bool even = item % 2 == 0;
    struct point place = {item, -item};
    sink = total + even + place.x + (long)mean + name[0]; /* mark: pass */
}

__attribute__((noinline)) static void fill(int item)
{
    push(item, "worker");
}

__attribute__((noinline)) static void work(int items)
{
    for (int item = 1; item <= items; item++)
        fill(item);
}

__attribute__((noinline)) static void go(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void done(void)
{
    __asm__ volatile("" ::: "memory");
}

int main(void)
{
    work(64); /* what is found out once per place lies in these */
    go();
    work(PASSES);
    done();
    return 0;
}
