// Counts every call that a debugger makes into it: by itself it calls none of the counted.
#include <cstdio>

int calls;

int count() { return ++calls; }

struct Box {
    int n = 1;
    bool operator==(int other) const { count(); return n == other; }
    Box *operator->() { count(); return this; }
    int operator[](int) const { count(); return n; }
    int operator*() const { count(); return n; }
};

template <typename T> T twice(T value) {
    return value + value;
}

struct Meter {
    int value;
    explicit operator bool() const { return value != 0; }
    Meter operator<<(int n) const { return {value << n}; }
};

namespace {
int hidden(int n) { return n + 1; }
}

int passed(int i) {
    Box box;
    Meter meter{i};
    int doubled = twice(i) + hidden(i);
    if (meter && (meter << 1).value > 100) return 0;  // mark: place
    return doubled + box.n;
}

int main() {
    int sum = 0;
    for (int i = 0; i < 3; i++) sum += passed(i);
    std::printf("sum %d, calls %d\n", sum, calls);
    return 0;
}
