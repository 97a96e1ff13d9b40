// Templates, operators, overloads, lambdas, anonymous namespaces, inlined code: the names that profilers write differently.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#define NOINLINE __attribute__((noinline))

namespace geo {
template <typename T> struct Point {
    T x, y;
    NOINLINE T dot(const Point &other) const {
        T sum = 0;
        for (int i = 0; i < 50; i++)
            sum += x * other.x + y * other.y;
        return sum;
    }
    bool operator<(const Point &other) const;
    operator double() const;
};
template <typename T> NOINLINE bool Point<T>::operator<(const Point &other) const {
    return x < other.x || (x == other.x && y < other.y);
}
template <typename T> NOINLINE Point<T>::operator double() const { return double(x) + double(y); }
} // namespace geo

namespace {
NOINLINE int hidden(int n) {
    volatile int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i;
    return sum;
}
struct Functor {
    NOINLINE int operator()(int value) const { return hidden(value) + 1; }
};
} // namespace

NOINLINE int compute(int n) { return hidden(n * 2); }
NOINLINE double compute(double n) { return hidden(int(n)) * 0.5; }

template <typename F> NOINLINE int apply(F f, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += f(i);
    return sum;
}

inline int hot_inline(int n) {
    volatile int sum = 0;
    for (int i = 0; i < n; i++)
        sum ^= i * 3;
    return sum;
}
NOINLINE int uses_inline(int n) { return hot_inline(n) + 1; }

NOINLINE std::string join(const std::vector<std::string> &parts) {
    std::string joined;
    for (auto &part : parts)
        joined += part;
    return joined;
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 100;
    std::vector<geo::Point<int>> points;
    for (int i = 0; i < n; i++)
        points.push_back({(i * 31) % 17, i});
    std::sort(points.begin(), points.end());
    long sum = 0;
    for (auto &point : points)
        sum += point.dot(points[0]) + long(double(point));
    int shift = 3;
    sum += apply([shift](int i) { return hidden(i + shift); }, n);
    sum += apply(Functor{}, n);
    sum += compute(n) + long(compute(double(n))) + uses_inline(n * 1000);
    std::map<std::string, std::vector<int>> groups;
    for (int i = 0; i < n; i++)
        groups["k" + std::to_string(i % 10)].push_back(i);
    std::vector<std::string> names;
    for (auto &group : groups)
        names.push_back(group.first);
    sum += join(names).size();
    std::printf("%ld\n", sum);
}
