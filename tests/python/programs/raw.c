// A function that is passed often, with values that change at each passing.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum color { RED, GREEN = 5, BLUE };
enum flags { READ = 1, WRITE = 2, EXEC = 4 };
struct bits { unsigned low : 3; int high : 5; bool set : 1; enum color hue : 4; };
struct point { int x, y; struct { float inner; }; };
struct node { const char *name; struct node *next; struct point at; char tag[8]; };
union word { uint32_t whole; unsigned char bytes[4]; };

static const char *const NAMES[] = {"zero", "one", "two", NULL};
static struct node head = {"head", NULL, {0, 0, {0}}, "tag"};

__attribute__((noinline)) long pass(int n, double scale, const char *name, struct point *where, struct point by_value) {
    signed char small = (signed char)(n - 100);
    uint64_t big = UINT64_MAX - (uint64_t)n;
    __int128 wide = (__int128)n << 90;
    bool odd = n % 2;
    char letter = (char)('a' + n % 26), high = (char)(200 + n);
    float half = (float)n / 2;
    enum color color = n % 3 == 0 ? GREEN : n % 3 == 1 ? RED : (enum color)77;
    enum flags flags = (enum flags)(n % 8);
    struct bits bits = {(unsigned)n % 8, n % 16 - 8, n % 2, BLUE};
    union word word = {(uint32_t)n * 1000003u};
    struct node node = {name, &head, {n, -n, {half}}, "abc"};
    int array[6] = {n, n + 1, n + 2}, grid[2][3] = {{n}, {0, n}};
    char text[16], unended[4] = {'f', 'u', 'l', 'l'};
    const char *words[3] = {name, NAMES[(n + 1) % 4], (const char *)8};
    static int counter;
    snprintf(text, sizeof text, "n is %d", n);
    counter += n;
    {
        int inner = n * n, array = -n; /* hides the array */
        counter += inner + array + (int)word.whole + (int)wide;  // mark: here
    }
    return counter + small + (long)big + odd + letter + high + (long)half + (long)color + (long)flags + bits.low +
           node.at.x + array[2] + grid[1][1] + text[0] + unended[0] + (words[0] != NULL) + where->x + by_value.y +
           (long)scale;
}

static long deeper(int depth, int n) {
    struct point where = {n, depth, {1}}, other = {depth, n, {2}};
    return depth ? deeper(depth - 1, n) + 1 : pass(n, n * 0.1, NAMES[n % 4], &where, other);
}

int main(void) {
    long sum = 0;
    for (int n = 0; n < 40; n++) sum += deeper(n % 5, n);
    printf("sum %ld\n", sum);
    return 0;
}
