/* What the LLDB scenarios debug: the first argument says what it does. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct point {
    int x, y;
};

static int total;
static struct point origin = {1, 2};
static const char *const words[] = {"alpha", "beta", "gamma"};

static int square(int n) {
    int result = n * n;
    return result; // mark: squared
}

static int twice(int n) {
    int first = square(n); // mark: first
    int second = square(n + 1);
    return first + second; // mark: both
}

static void loop(void) {
    for (int i = 1; i <= 5; i++) {
        total += square(i); // mark: loop
    }
    printf("total %d\n", total); // mark: end
}

static void signals(void) {
    raise(SIGUSR1); // mark: raise
    puts("handled"); // mark: handled
}

static void handler(int number) {
    printf("signal %d\n", number); // mark: handler
}

static void crash(int *nowhere) {
    *nowhere = 1; // mark: crash
}

static void *worker(void *argument) {
    int id = *(int *)argument;
    usleep(50000); // by now the main thread waits
    return (void *)(long)twice(id); // mark: worker
}

static void threads(void) {
    pthread_t all[3];
    int ids[3];
    for (int i = 0; i < 3; i++) {
        ids[i] = i + 1;
        pthread_create(&all[i], NULL, worker, &ids[i]);
        pthread_join(all[i], NULL); // mark: joined
    }
}

static pthread_barrier_t together;

static void *meet(void *argument) {
    pthread_barrier_wait(&together);
    return argument; // mark: met
}

/* Two threads at one line at the same moment. */
static void crowd(void) {
    pthread_t all[2];
    pthread_barrier_init(&together, NULL, 2);
    for (int i = 0; i < 2; i++) {
        pthread_create(&all[i], NULL, meet, NULL);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(all[i], NULL);
    }
    puts("parted"); // mark: parted
}

static void forks(void) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        _exit(square(3)); // mark: child
    }
    int status = 0;
    waitpid(child, &status, 0);
    total = WEXITSTATUS(status); // mark: parent
}

static void points(void) {
    struct point here = origin;
    struct point *there = &here;
    there->x += 10; // mark: moved
    origin = here;
    printf("%s %d %d\n", words[1], here.x, here.y); // mark: shown
}

static void sleeper(void) {
    puts("sleeping");
    fflush(stdout);
    for (int i = 0; i < 600; i++) {
        usleep(50000); // mark: asleep
    }
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "loop";
    signal(SIGUSR1, handler); // mark: start
    if (strcmp(what, "loop") == 0) {
        loop();
    } else if (strcmp(what, "twice") == 0) {
        printf("twice %d\n", twice(3)); // mark: twice
    } else if (strcmp(what, "signal") == 0) {
        signals();
    } else if (strcmp(what, "crash") == 0) {
        crash(NULL);
    } else if (strcmp(what, "abort") == 0) {
        abort();
    } else if (strcmp(what, "threads") == 0) {
        threads();
    } else if (strcmp(what, "crowd") == 0) {
        crowd();
    } else if (strcmp(what, "fork") == 0) {
        forks();
    } else if (strcmp(what, "exec") == 0) {
        execl(argv[0], argv[0], "twice", NULL);
    } else if (strcmp(what, "points") == 0) {
        points();
    } else if (strcmp(what, "sleep") == 0) {
        sleeper();
    }
    return 7;
}
