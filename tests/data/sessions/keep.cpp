// What the kept sessions are of; see README.md.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

struct Part {
    const char *name;
    int weight;
    double price;
};

static int total = 0;

static int weigh(const Part &part, int count) {
    int sum = part.weight * count;
    total += sum;
    return sum;
}

static void pack(const std::vector<Part> &parts, const std::string &token) {
    for (const Part &part : parts) {
        int count = static_cast<int>(token.size()) % 4 + 1;
        std::printf("%s %d\n", part.name, weigh(part, count));
    }
}

int main() {
    std::vector<Part> parts = {{"lamp", 3, 1.5}, {"chair", 7, 2.25}, {"teapot", 1, 0.125}};
    pack(parts, "abc");
    std::thread other([&parts] { pack(parts, "defgh"); });
    other.join();
    return total == 0;
}
