/* A shop whose books do not balance.
 *
 * Orders are paid for when they come in, wait in a ring of eight places, and are shipped in batches. In the end
 * the pieces shipped are not the pieces paid for. The bug shows at no single stop in a debugger, where each call looks
 * right. It shows in the row of all calls, which `make demo` records.
 */
#include <stdbool.h>
#include <stdio.h>

enum { PLACES = 8, ORDERS = 20 };

struct order {
    int id;
    const char *item;
    int pieces;
};

struct queue {
    struct order ring[PLACES];
    int first;
    int used;
};

static bool enqueue(struct queue *queue, struct order order) {
    int used = queue->used;
    int place = (queue->first + used) % PLACES;
    if (used > PLACES) { /* the bug: a full ring takes one more, over the oldest one waiting */
        return false;
    }
    queue->ring[place] = order; // mark: store
    queue->used++;
    return true;
}

static struct order dequeue(struct queue *queue) {
    struct order order = queue->ring[queue->first];
    queue->first = (queue->first + 1) % PLACES;
    queue->used--;
    return order; // mark: take
}

static int ship(struct queue *queue, int most) {
    int pieces = 0;
    for (int i = 0; i < most && queue->used > 0; i++) {
        pieces += dequeue(queue).pieces;
    }
    return pieces;
}

int main(void) {
    static const char *const items[] = {"lamp", "chair", "teapot"};
    struct queue queue = {0};
    int paid = 0, shipped = 0;
    for (int id = 1; id <= ORDERS; id++) {
        struct order order = {id, items[id % 3], 1 + id % 5};
        if (enqueue(&queue, order)) {
            paid += order.pieces;
        }
        if (id % 10 == 0) {
            shipped += ship(&queue, 7);
        }
    }
    shipped += ship(&queue, ORDERS);
    printf("paid for %d pieces, shipped %d\n", paid, shipped);
    return 0;
}
