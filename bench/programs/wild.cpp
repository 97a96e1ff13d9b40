// A frame that is trouble: a huge array, a huge map, and a map that is not constructed yet.
#include <cstring>
#include <map>

static volatile std::size_t sink;
static std::map<int, int> squares;

__attribute__((noinline)) static void dirty()
{
    volatile char garbage[4096];
    std::memset(const_cast<char *>(garbage), 0x5a, sizeof garbage);
    sink = garbage[7];
}

__attribute__((noinline)) static void push(int turn)
{
    const std::map<int, int> &twenty_thousand = squares;
    int four_mb[1 << 20];
    four_mb[0] = turn;
    sink = twenty_thousand.size() + four_mb[0]; // mark: stop
    std::map<int, int> garbage;
    garbage[turn] = turn;
    sink = garbage.size();
}

int main()
{
    for (int i = 0; i < 20000; i++)
        squares[i] = i * i;
    for (int turn = 1; turn < 1000000; turn++) {
        dirty();
        push(turn);
    }
}
