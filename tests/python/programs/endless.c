// Hits for as long as anybody wants them.
#include <stdio.h>

static long passed(long n) {
    long twice = n * 2;
    return twice + 1; // mark: passed
}

int main(void) {
    long sum = 0;
    for (long n = 1;; n++) {
        sum += passed(n);
        if (sum < 0) {
            printf("%ld\n", sum);
        }
    }
}
