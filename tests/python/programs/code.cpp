// Functions for `disasm` and `source`: overloads, namespaces, a template, one that is only inlined.
#include <cstdio>

volatile int seen[8];

namespace geo {
__attribute__((noinline)) int area(int side) {
    return side * side; // mark: area
}
__attribute__((noinline)) double area(double side) {
    return side * side;
}
template <class T> struct Point {
    T x;
    __attribute__((noinline)) T dot(T other) {
        return x * other;
    }
};
} // namespace geo

namespace sea {
__attribute__((noinline)) int area(int side) {
    return side + 1;
}
} // namespace sea

static inline __attribute__((always_inline)) int total(int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += seen[i & 7];
    }
    return sum;
}

int main(int argc, char **) {
    geo::Point<int> point{argc};
    int sum = geo::area(argc) + static_cast<int>(geo::area(1.5)) + sea::area(argc) + point.dot(3);
    for (int round = 0; round < 3; round++) {
        sum += total(argc + round) + geo::area(round);
    }
    printf("%d\n", sum);
    return 0;
}
