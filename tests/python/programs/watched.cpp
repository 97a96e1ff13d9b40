// Expressions worth watching.
#include <cstdio>
#include <vector>

struct Point {
    int x, y;
    int sum() const { return x + y; }
};

static int calls = 0;

int twice(int n) {
    calls++;
    return n * 2;
}

static int work(const std::vector<int> &list, Point p, int *row) {
    int total = 0;
    for (int i = 0; i < 3; i++) {
        total += list[i] * p.x; // mark: inner
    }
    return total + row[0]; // mark: after
}

int main() {
    int row[4] = {7, 8, 9, 10};
    int total = twice(1);
    for (int k = 0; k < 2; k++) {
        total += work({1, 2, 3}, {k, 4}, row);
    }
    Point last{total, calls};
    printf("calls %d, total %d\n", calls, last.sum()); // mark: end
    return 0;
}
