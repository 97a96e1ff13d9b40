// What differs only from some later hit on, when a plan was found right already.
#include <string>
#include <vector>

volatile int sink;

__attribute__((noinline)) void leaf(int n) {
    sink = n;
}

static inline __attribute__((always_inline)) void inlined(int n) {
    leaf(n);
    sink = sink + 1;
}

__attribute__((noinline)) void look(const std::vector<std::vector<std::string>> &many, const int &perhaps, int n) {
    sink = n + static_cast<int>(many.size());  // mark: here
}

int main() {
    for (int n = 0; n < 24; n++) {
        inlined(n);
        const int size = n == 12 ? 30 : 2;
        const std::string text = "too long to be kept in the string itself, number " + std::to_string(n);
        const std::vector<std::vector<std::string>> many(size, std::vector<std::string>(size, text));
        const int *nothing = nullptr;
        look(many, n == 10 ? *nothing : n, n);
    }
}
