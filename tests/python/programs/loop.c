/* A loop with few values: what every debugger must get right. */
#include <stdio.h>

static int square(int n) {
    int result = n * n;
    return result; // mark: squared
}

int main(void) {
    int total = 0;
    for (int i = 1; i <= 5; i++) {
        total += square(i); // mark: loop
    }
    printf("total %d\n", total); // mark: end
    return 7;
}
