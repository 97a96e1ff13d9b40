// Values of every C kind, read under each debugger and compared at the lines that call `stop_here`.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum color { RED, GREEN = 5, BLUE };
enum flags { READ = 1, WRITE = 2, EXEC = 4 };
struct point { int x, y; };
struct bits { unsigned a : 3; int b : 5; unsigned long long c : 40; bool d : 1; enum color e : 4; };
union number { int i; float f; unsigned char bytes[4]; };
struct nested {
    struct point p;
    struct { int inner; union { long l; char ch; }; };
    struct point *next;
    char name[8];
    double grid[2][3];
};
struct deep { struct { struct { struct { struct { int leaf; } d; } c; } b; } a; };
typedef int (*callback)(int);

static int twice(int n) { return n * 2; }
__attribute__((noinline)) void stop_here(void) { __asm__ volatile("" ::: "memory"); }

int all(int argc, const char *word, struct point *where, struct point by_value) {
    signed char i8 = -8; unsigned char u8 = 200; short i16 = -16000; unsigned short u16 = 65000;
    int i32 = -2000000000; unsigned u32 = 4000000000u; long i64 = INT64_MIN; unsigned long u64 = UINT64_MAX;
    __int128 i128 = -((__int128)1 << 100); unsigned __int128 u128 = ~(unsigned __int128)0;
    int8_t typed8 = 65; size_t size = 42; intptr_t iptr = -1;
    float f = 0.1f; double d = 0.1; long double ld = 0.1L; double big = 1e20, inf = 1.0 / 0.0, neg0 = -0.0;
    double nan_ = __builtin_nan(""); long double ldbig = 1e4000L, ldint = 3;
    _Bool yes = 1; bool no = 0; char c = 'a', newline = '\n', high = (char)200; wchar_t wc = L'é';
    enum color green = GREEN, odd = 77; enum flags rw = READ | WRITE, none = 0;
    int *null = NULL, *to = &i32; void *opaque = &i32; char *text = "hi \"there\"\n"; char *bad = (char *)1;
    char buffer[16] = "buf"; char full[4] = {'f', 'u', 'l', 'l'}; unsigned char raw[3] = {1, 2, 3};
    const wchar_t *wide = L"wide é"; wchar_t wbuf[4] = L"w";
    struct point p = {3, -4}; struct bits b = {5, -7, 1ull << 39, true, GREEN}; union number n = {.i = 1065353216};
    struct nested nest = {{1, 2}, {7, {8}}, &p, "nest", {{1, 2, 3}, {4, 5, 6.5}}};
    struct deep deep = {{{{{9}}}}};
    int array[3] = {1, 2, 3}, matrix[2][2] = {{1, 2}, {3, 4}}, many[200]; struct point points[2] = {{1, 2}, {3, 4}};
    char *words[] = {"one", "two", NULL}; callback call = twice; const volatile int cv = 5;
    char longer[400]; char *long_text = longer; int vla[argc + 1]; struct { int anon; } tagless = {1};
    static int counter = 11; const char *password = "hunter2"; char api_key[] = "abcd"; int token_count = 4;
    const char *header = "Authorization: Bearer abcdefghijklmnop"; int key = 12; _Complex double z = 1.0;
    for (int i = 0; i < 200; i++) many[i] = i;
    memset(longer, 'x', sizeof longer - 1); longer[sizeof longer - 1] = 0;
    for (int i = 0; i <= argc; i++) vla[i] = i;
    int shadow = 1;
    {
        int shadow = 2;
        stop_here();
        (void)shadow;
    }
    int later = shadow + (int)size;
    return later + (null == to) + (int)(f + d + ld + big) + yes + no + counter++;
}

int main(int argc, char **argv) {
    struct point where = {10, 20};
    (void)argv;
    all(argc, "word", &where, where);
    return 0;
}
