// Elements that lie at multiples of more than eight bytes, as their containers place them.
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <emmintrin.h>

struct alignas(16) A16 {
    int x;
    bool operator==(const A16 &other) const { return x == other.x; }
};
struct alignas(32) A32 {
    int x;
};
struct alignas(64) A64 {
    int x;
    bool operator<(const A64 &other) const { return x < other.x; }
    bool operator==(const A64 &other) const { return x == other.x; }
};
struct Holder {
    A32 inside;
    char tail;
};

template <class T> struct Hash {
    std::size_t operator()(const T &value) const { return static_cast<std::size_t>(value.x); }
};

static void stop_here() {}

int main() {
    std::set<A64> set64{{1}, {2}, {3}};
    std::list<A32> list32{{4}, {5}};
    std::list<Holder> holders{{{4}, 'a'}};
    std::forward_list<A16> forward16{{6}, {7}};
    std::unordered_set<A16, Hash<A16>> hash16{{8}};
    std::unordered_set<A64, Hash<A64>> hash64{{9}};
    std::map<int, A64> map64{{1, {11}}, {2, {12}}};
    std::unordered_map<int, __m128> vectors;
    vectors[1] = _mm_set1_ps(3.5f);
    std::forward_list<__m128> floats{_mm_set1_ps(1.5f)};
    std::optional<std::optional<std::optional<int>>> deepest, deeper, none;
    deepest.emplace().emplace();
    deeper.emplace();
    std::unique_ptr<int[]> ints(new int[3]{1, 2, 3});
    std::tuple<std::tuple<int>, int> tuples{{3}, 7};
    stop_here();
    return std::get<1>(tuples) + static_cast<int>(set64.size() + list32.size() + holders.size() + hash16.size() + hash64.size() +
                            map64.size() + vectors.size()) +
           forward16.front().x + static_cast<int>(floats.front()[0]) + none.has_value() + ints[0];
}
