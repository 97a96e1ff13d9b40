// Passes for as long as anybody wants them; after each PASSES of them round() is entered.
#include <map>
#include <string>

static volatile long sink;

__attribute__((noinline)) static void plain(long n) {
    std::string name = "worker " + std::to_string(n % 1000);
    double mean = n / 2.0;
    sink = sink + n + static_cast<long>(mean) + static_cast<long>(name.size()); // mark: plain
}

__attribute__((noinline)) static void mapped(long n) {
    std::map<long, long> counts = {{1, n}, {2, n + 1}};
    sink = sink + counts[2]; // mark: mapped
}

__attribute__((noinline)) static void round_done() {
    __asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv) {
    const bool maps = argc > 1 && argv[1][0] == 'm';
    for (long n = 1;; n++) {
        if (maps) {
            mapped(n);
        } else {
            plain(n);
        }
        if (n % PASSES == 0) {
            round_done();
        }
    }
}
