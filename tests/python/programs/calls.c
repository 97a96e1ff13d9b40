// What is called in this program is counted: each of its functions, and what asks for memory.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNCOUNTED __attribute__((no_instrument_function, noinline))
void *__libc_malloc(size_t size);
static int calls, mallocs;
UNCOUNTED void __cyg_profile_func_enter(void *function, void *caller) { calls++; (void)function; (void)caller; }
UNCOUNTED void __cyg_profile_func_exit(void *function, void *caller) { (void)function; (void)caller; }
UNCOUNTED void *malloc(size_t size) { mallocs++; return __libc_malloc(size); }

struct flags { unsigned low : 3; int high : 5; };
enum color { RED, GREEN = 5 };
struct pair { int x, y; struct flags bits; const char *name; struct pair *next; };
static const int primes[] = {2, 3, 5, 7};
static const char names[3][8] = {"alpha", "beta", "gamma"};
static __thread int local = 3;

__attribute__((noinline)) int helper(int n) { return n + 1; }

__attribute__((noinline)) int probe(const char *v, struct pair *p, int n, double d)
{
    static const char mine[] = "1.2.13";
    static const int table[] = {10, 20, 30, 40, 50};
    static const unsigned char bytes[] = {1, 2, 3, 0xff};
    static const double halves[] = {0.5, 1.5};
    static const struct pair fixed[] = {{1, 2, {1, -1}, "one", 0}, {3, 4, {2, 5}, "two", 0}};
    const char *literal = "beta";
    enum color color = n ? GREEN : RED;
    struct flags bits = {n & 7, -n};
    int (*function)(int) = helper;
    int row[n + 1];
    memset(row, n, sizeof row);
    local += row[0] & 1;
    return !v || v[0] != mine[0] || table[1] + bytes[3] + (int)halves[1] + fixed[1].y + p->x + color + bits.low + literal[0] + function(n) + (int)d + primes[1] == 0; // mark: probe
}

__attribute__((noinline)) int named(char *s) { return s[0]; } // mark: named

int main(int argc, char **argv)
{
    struct pair last = {5, 6, {3, 4}, "last", 0}, p = {7, 8, {1, 2}, names[1], &last};
    char *blocks[4], text[8] = "beta";
    int n = 0;
    for (int i = 0; i < 4; i++) {
        n += probe(i % 2 ? "beta" : argv[0], &p, i, i * 0.5);
        text[0] = i == 2 ? 'b' : 'x';
        n += named(text);
        blocks[i] = malloc(24);
    }
    printf("blocks %ld %ld %ld\n", (long)(blocks[1] - blocks[0]), (long)(blocks[2] - blocks[0]), (long)(blocks[3] - blocks[0]));
    printf("calls %d mallocs %d local %d\n", calls, mallocs, local);
    return n == -1 || argc == 99;
}
