// Everything a debugger can stop at: `stops KIND` with none, throw, abort, segv, fork, exec, int3.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

int watched;

int step(int i) {
    int doubled = i * 2;
    watched = doubled;
    return doubled;
}

int main(int argc, char **argv) {
    const char *kind = argc > 1 ? argv[1] : "none";
    for (int i = 0; i < 3; i++) step(i);
    if (!strcmp(kind, "throw")) {
        try { throw std::runtime_error("thrown"); } catch (const std::exception &error) { puts(error.what()); }
    }
    if (!strcmp(kind, "abort")) abort();
    if (!strcmp(kind, "segv")) *(volatile int *)nullptr = 1;
    if (!strcmp(kind, "int")) raise(SIGINT);
    if (!strcmp(kind, "usr1")) raise(SIGUSR1);
    if (!strcmp(kind, "exec")) execl(argv[0], argv[0], "none", nullptr);
    if (!strcmp(kind, "fork")) {
        pid_t child = fork();
        if (child == 0) { step(9); _exit(0); }
        waitpid(child, nullptr, 0);
    }
    puts("done");
    return 0;
}
