// Run in another pid namespace under a debugger's server (MODE=away), and here as a process of the
// same number that gets no further than the sixth round (MODE=idle): what is read by that number
// alone is of the wrong one. Both have the same stack at the same address, and up to then the same
// values.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

static int n, idle;
static volatile long sum;

// Whether a debugger (its server) has attached.
static int traced(void) {
    static char text[4096];
    FILE *status = fopen("/proc/self/status", "r");
    size_t size = status ? fread(text, 1, sizeof text - 1, status) : 0;
    if (status) fclose(status);
    text[size] = 0;
    const char *tracer = strstr(text, "TracerPid:");
    return tracer && atoi(tracer + strlen("TracerPid:")) > 0;
}

static void have_fixed_addresses(char **argv) {
    int is = personality(0xffffffff);
    if (!(is & ADDR_NO_RANDOMIZE) && personality((unsigned long)is | ADDR_NO_RANDOMIZE) != -1) execv(argv[0], argv);
}

__attribute__((constructor)) static void prepare(int argc, char **argv) {
    const char *mode = getenv("MODE");
    if (argc < 1 || !mode) return;
    have_fixed_addresses(argv);
    idle = !strcmp(mode, "idle");
    while (!idle && !traced()) usleep(1000);
}

int main(void) {
    static long held = 7;
    for (n = 1; n <= 12; n++) {
        while (n == 6 && idle) pause();
        if (n > 5) held = 1000 + n;
        sum += held;  // mark: here
    }
    return 0;  // mark: end
}
