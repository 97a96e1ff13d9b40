/* A small frame: six locals and arguments, four frames deep. */
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
    sink = total + even + place.x + (long)mean + name[0]; /* mark: stop */
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

int main(void)
{
    work(1000000);
    return 0;
}
