/* A program that follows a null pointer. */
#include <stddef.h>

struct node {
    int value;
    struct node *next;
};

static int sum(const struct node *node) {
    int total = 0;
    for (int left = 3; left > 0; left--) {
        total += node->value; // mark: crash
        node = node->next;
    }
    return total;
}

int main(void) {
    struct node last = {2, NULL}, first = {1, &last};
    return sum(&first);
}
