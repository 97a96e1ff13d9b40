/* Optimized: the arguments never leave their registers. */

__attribute__((noipa)) static int sum(const int *numbers, int count, const char *text) {
    __asm__ volatile("" : : "r"(numbers), "r"(count), "r"(text)); // mark: register
    int total = text[0];
    for (int i = 0; i < count; i++) {
        total += numbers[i];
    }
    return total;
}

int main(int argc, char **argv) {
    int numbers[] = {argc, 2, 3};
    (void)argv;
    return sum(numbers, 3, "text") == 0;
}
