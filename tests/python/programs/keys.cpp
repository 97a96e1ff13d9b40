// Maps whose keys are awkward to name, and the same keys as values by themselves.
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

using i128 = __int128;
using u128 = unsigned __int128;

enum Colour { RED, GREEN = 5 };
enum class Level : signed char { LOW = -1, HIGH = 1 };
enum Mode { NONE = 0, READ = 1, WRITE = 2 };
struct Place { int x; char letter; bool operator<(const Place &o) const { return x < o.x; } };

static volatile int seen;

template <class K> __attribute__((noinline)) void each(K key) {
    seen = seen + 1; // mark: each
    (void)key;
}

// Often enough for hits that nobody checks.
template <class M> void every(const M &map) {
    for (int turn = 0; turn < 3; turn++) for (const auto &entry : map) each(entry.first);
}

template <class K> std::map<K, int> of(std::vector<K> keys) {
    std::map<K, int> map;
    for (const K &key : keys) map.emplace(key, 1);
    return map;
}

int main() {
    int here = 1;
    std::map<char, char> chars{{'\'', '\''}, {'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\0', '0'}, {'\x7f', 'd'}, {'\xe9', 'e'}, {'a', 'a'}};
    auto i8 = of<signed char>({-128, 39, 127}); auto u8 = of<unsigned char>({0, 39, 255});
    auto i16 = of<short>({-32768, 32767}); auto u16 = of<unsigned short>({65535});
    auto i32 = of<int>({-2147483647 - 1, 0, 2147483647}); auto u32 = of<unsigned>({4294967295u});
    auto i64 = of<long>({-9223372036854775807 - 1, 9223372036854775807}); auto u64 = of<unsigned long>({~0ul});
    auto wide = of<i128>({-(i128(1) << 126) - (i128(1) << 126), -1}); auto uwide = of<u128>({1, ~u128(0)});
    auto bools = of<bool>({false, true});
    auto wchars = of<wchar_t>({L'\'', L'"', L'\\', L'\n', L'\u00e9', L'\u6f22', L'\u202e', wchar_t(-1)});
    auto chars16 = of<char16_t>({u'\'', u'\u00e9', char16_t(0xd800)}); auto chars32 = of<char32_t>({U'\0', U'\U0001f600', char32_t(0x110000)});
    auto floats = of<float>({-__builtin_inff(), 0.1f, 100000.0f, 16777216.0f, 1e8f, 1e20f}); auto zero = of<float>({-0.0f});
    auto doubles = of<double>({-1e-5, 0.0001, 0.1, 1.0 / 3, 3, 123456789, 1e15, 1e16, 1.7976931348623157e308, __builtin_inf()});
    auto nan = of<double>({__builtin_nan("")}); auto minus_zero = of<double>({-0.0});
    auto longs = of<long double>({-1.5L, 1.2e-5L, 0.1L, 1e4000L});
    auto colours = of<Colour>({RED, GREEN, Colour(6)}); auto levels = of<Level>({Level::LOW, Level::HIGH}); auto modes = of<Mode>({NONE, Mode(3)});
    auto strings = of<std::string>({"", "'", "a\"b", "back\\slash", "\n\t\r\x1b", std::string("nul\0", 4), "\xff\xfe", "gr\u00fc\u00dfe", "\u202e", "]", std::string(300, 'k'), std::string(300, 'k') + "2"});
    auto wstrings = of<std::wstring>({L"\"\u00e9'"});
    auto words = of<const char *>({nullptr, "it's"});
    auto pointers = of<int *>({nullptr, reinterpret_cast<int *>(0x10)}); auto voids = of<void *>({reinterpret_cast<void *>(0x20)});
    auto pairs = of<std::pair<int, std::string>>({{1, "a'\""}, {2, "]"}}); auto tuples = of<std::tuple<char, double>>({{'\'', 0.5}});
    std::map<Place, int> places{{{1, '\''}, 1}, {{2, '"'}, 2}};
    auto vectors = of<std::vector<int>>({{}, {1, 2}}); std::map<std::map<int, char>, int> maps{{{{1, '\''}}, 1}, {{{2, '\''}}, 1}};
    std::unordered_map<std::string, char> hash{{"\"", '"'}};
    seen = here; // mark: maps
    every(chars), every(i8), every(u8), every(i16), every(u16), every(i32), every(u32), every(i64), every(u64);
    every(bools), every(wchars), every(chars16), every(chars32), every(floats), every(zero), every(doubles), every(nan), every(minus_zero);
    every(colours), every(levels), every(modes), every(strings), every(words), every(pointers), every(voids);
    every(wide), every(uwide), every(longs), every(wstrings);
    return seen == 0;
}
