// What is called in this program is counted: each of its functions, and what asks for memory.
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#define UNCOUNTED __attribute__((no_instrument_function, noinline))
extern "C" void *__libc_malloc(size_t size);
static int calls, mallocs;
extern "C" UNCOUNTED void __cyg_profile_func_enter(void *, void *) { calls++; }
extern "C" UNCOUNTED void __cyg_profile_func_exit(void *, void *) {}
extern "C" UNCOUNTED void *malloc(size_t size) { mallocs++; return __libc_malloc(size); }

struct Animal { int legs = 4; virtual ~Animal() {} virtual int sound() const { return legs; } };
struct Dog : virtual Animal { int tail = 1; int sound() const override { return tail + legs; } };
struct Puppy : Dog { std::string name = "rex"; static int count; int operator[](int i) const { return i; } };
int Puppy::count = 2;
struct Loud { int x; int sum() const { return x + 1; } };

__attribute__((noinline)) int helper(int n) { return n + 1; }

__attribute__((noinline)) int probe(const Puppy &puppy, const std::vector<int> &v, std::string s, const Animal *animal, Loud loud)
{
    static const char mine[] = "1.2.13";
    static constexpr double halves[] = {0.5, 1.5};
    std::map<std::string, int> ages{{"rex", 3}, {"bello", 5}};
    std::optional<int> maybe = v[0];
    auto shared = std::make_shared<Dog>();
    int &reference = ages["rex"];
    return reference + *maybe + shared->sound() + animal->sound() + (s[0] == mine[0]) + (int)halves[1] + loud.sum() + puppy[1]; // mark: probe
}

int main()
{
    Puppy puppy;
    std::vector<int> v{1, 2, 3};
    char *blocks[3];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        n += probe(puppy, v, i == 1 ? "beta" : "a text that is too long for the small buffer", &puppy, Loud{i});
        blocks[i] = static_cast<char *>(malloc(24));
    }
    std::printf("blocks %ld %ld\n", (long)(blocks[1] - blocks[0]), (long)(blocks[2] - blocks[0]));
    std::printf("calls %d mallocs %d total %d\n", calls, mallocs, n);
}
