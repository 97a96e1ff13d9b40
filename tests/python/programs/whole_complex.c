/* Complex numbers of integers, which GCC has beside those of floats. */
int passed;

static void f(_Complex int whole, _Complex double real) {
    passed += 1; // mark: whole
    (void)whole;
    (void)real;
}

int main(void) {
    f(3 - 4i, 1.5 + 2.5i);
    f(5 + 6i, 0);
    return passed;
}
