// Methods, references, strings and vectors that change at each passing.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

__attribute__((noinline)) void pass_by(size_t) { __asm__ volatile("" ::: "memory"); }

namespace geo {
struct Base { int id; virtual ~Base() = default; };
struct Shape : Base {
    std::string name;
    std::vector<int> sides;
    double area(double scale, const std::string &unit, std::vector<std::string> words);
};

__attribute__((noinline)) double Shape::area(double scale, const std::string &unit, std::vector<std::string> words) {
    std::array<int, 3> fixed = {id, id + 1, id + 2};
    std::string shout = unit + "!", long_one(static_cast<size_t>(id) * 9, 'x');
    std::vector<std::pair<int, double>> pairs = {{id, scale}, {-id, 0.5}};
    std::vector<std::vector<int>> nested = {{1}, {id, 2}};
    std::vector<char> none;
    const int &first = fixed[0];
    int &&moved = id * 2;
    double result = scale * first + moved + static_cast<double>(words.size() + pairs.size() + nested.size());
    pass_by(shout.size() + long_one.size() + none.size());  // mark: here
    return result;
}
}  // namespace geo

template <typename T> __attribute__((noinline)) T larger(T a, T b) {
    T result = a > b ? a : b;
    return result;  // mark: template
}

int main() {
    double sum = 0;
    for (int n = 0; n < 40; n++) {
        geo::Shape shape;
        shape.id = n;
        shape.name = n % 2 ? "odd" : "a name too long for the small buffer";
        shape.sides.assign(static_cast<size_t>(n), n);
        sum += shape.area(n * 0.25, n % 3 ? "mm" : "a rather long unit of length", {"one", std::to_string(n)});
        sum += larger(n, 20) + larger(n * 0.5, 7.5);
    }
    std::printf("sum %g\n", sum);
}
