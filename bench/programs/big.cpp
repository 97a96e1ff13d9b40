// A big frame: containers of the C++ library, some of them nested, and longer than what is kept.
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct Item {
    std::string name;
    double price;
    std::vector<int> sizes;
};

static volatile std::size_t sink;

__attribute__((noinline)) static void push(int turn, const std::vector<Item> &items)
{
    std::vector<int> numbers(500, turn);
    std::vector<std::string> words(20, "a word of some length, " + std::to_string(turn));
    std::map<std::string, int> ages{{"ann", 31}, {"bob", 42 + turn}, {"cid", 5}, {"dan", 77}, {"eve", 18}};
    std::unordered_map<int, std::string> names{{1, "one"}, {2, "two"}, {3, "three"}};
    std::map<int, std::vector<double>> table{{1, {0.5, 1.5}}, {2, {2.5}}};
    std::shared_ptr<Item> best = std::make_shared<Item>(items.front());
    std::string text(100, 'x');
    double grid[8][8] = {{1.0, 2.0}, {3.0}};
    sink = numbers.size() + words.size() + ages.size() + names.size() + table.size() + text.size()
        + best->sizes.size() + static_cast<std::size_t>(grid[0][0]); // mark: stop
}

__attribute__((noinline)) static void fill(int turn)
{
    std::vector<Item> items(10, Item{"apple", 0.25, {1, 2, 3}});
    push(turn, items);
}

__attribute__((noinline)) static void work(int turns)
{
    for (int turn = 1; turn <= turns; turn++)
        fill(turn);
}

int main()
{
    work(1000000);
}
