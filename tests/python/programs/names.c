/* Names that could be taken for one another. */

struct point {
    int x, y;
};

/* Members named as the keys of a recorded value are. */
struct odd {
    const char *type;
    int value, status, count, arg, addr;
};

static int x_and_x(int x) {
    struct point p = {10, 20}, x_ = {30, 40};
    struct odd odd = {"kind", 5, 6, 7, 8, 9};
    int type = 3, value = 4;
    {
        int value = 44;
        {
            int y = 2;
            x += y; // mark: inner
        }
        x += value;
    }
    return x + p.x + x_.y + odd.value + type + value; // mark: outer
}

int main(void) {
    return x_and_x(1) > 0 ? 0 : 1;
}
