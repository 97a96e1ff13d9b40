/* Every way in which C returns a value on x86-64. */
#include <setjmp.h>

struct small { int a; short b; };
struct mixed { double d; long l; };
struct floats { float x, y; };
struct big { long v[4]; };
enum color { RED, GREEN };

static jmp_buf out;

int fact(int n) {
    return n <= 1 ? 1 : n * fact(n - 1);
}
unsigned char byte(int n) { return (unsigned char)n; }
double half(int n) { return n / 2.0; }
float quarter(int n) { return n / 4.0f; }
long double third(int n) { return n / 2.0L; }
__int128 wide(int n) { return (__int128)n << 70; }
struct small in_one(int n) { return (struct small){n, 7}; }
struct mixed in_two(int n) { return (struct mixed){n + 0.5, n}; }
struct floats in_xmm(int n) { return (struct floats){n, n + 0.25f}; }
struct big in_memory(int n) { return (struct big){{n, 1, 2, 3}}; }
enum color color(int n) { return n ? GREEN : RED; }
const char *text(int n) { return n ? "yes" : "no"; }
void nothing(int n) { (void)n; }
_Bool flag(int n) { return n > 2; }
int jumps(int n) {
    if (n == 3)
        longjmp(out, 1);
    return n + 100;
}

int main(void) {
    volatile int t = fact(4);
    t += byte(300) + half(3) + quarter(3) + third(3) + (long)(wide(3) >> 70) + in_one(5).a + in_two(6).l;
    t += in_xmm(7).x + in_memory(8).v[0] + color(1) + text(1)[0] + flag(3);
    nothing(1);
    for (volatile int i = 2; i < 5; i++)
        if (!setjmp(out))
            t += jumps(i);
    return t == 0;
}
