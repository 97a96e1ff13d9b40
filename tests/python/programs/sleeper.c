/* A program to attach to: it lives for a minute. */
#include <unistd.h>

int main(void) {
    for (int tick = 0; tick < 600; tick++) {
        usleep(100000); // mark: tick
    }
    return 0;
}
