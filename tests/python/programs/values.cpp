// Values of C++ and its library, read under each debugger and compared at the lines that call `stop_here`.
#include <array>
#include <atomic>
#include <bitset>
#include <cstring>
#include <deque>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

extern "C" __attribute__((noinline)) void stop_here() { __asm__ volatile("" ::: "memory"); }

enum class Level : unsigned char { low, high = 7 };
enum class Wide : unsigned long { none, all = ~0ul };
struct Empty {};
struct Base { int base = 1; virtual ~Base() {} static int shared; };
int Base::shared = 9;
struct Second { double second = 2.5; };
struct Virtual : virtual Second { int own = 4; };
struct Derived : Base, Second, Empty { int own = 3; std::string label = "derived"; };
template <class T> struct Box { T item; };

struct Machine {
    int state = 1;
    std::string name = "machine";
    int step(int &counter, const std::string &reason) {
        counter += state;
        stop_here();
        return counter + (int)reason.size();
    }
};

int all(const std::vector<int> &given, std::string &&moved, Derived derived) {
    std::string empty, small = "small", large(100, 'L'), nul("a\0b", 3), huge(1000, 'h');
    std::string_view view = small; std::wstring wide = L"wide é"; std::u16string u16 = u"u16";
    std::vector<int> none, ints{1, 2, 3}, many(1000, 7); std::vector<bool> bools{true, false, true};
    std::vector<std::string> strings{"a", "b"}; std::vector<std::vector<int>> nested{{1}, {2, 3}};
    std::array<int, 3> array{4, 5, 6}; std::array<double, 0> nothing{};
    std::pair<int, std::string> pair{1, "one"}; std::tuple<int, double, std::string> tuple{1, 2.5, "t"};
    std::tuple<> unit; std::tuple<Empty, int> with_empty{Empty{}, 3};
    std::map<std::string, int> map{{"a", 1}, {"b", 2}}; std::map<int, std::string> by_int{{3, "c"}, {1, "a"}};
    std::map<int, std::vector<int>> map_of{{1, {1, 2}}}; std::multimap<int, int> multi{{1, 2}, {1, 3}};
    std::set<int> set{3, 1, 2}; std::multiset<char> chars{'b', 'a', 'b'}; std::map<int, int> no_map;
    std::unordered_map<int, int> hash{{1, 10}}; std::unordered_map<std::string, double> named{{"pi", 3.14}};
    std::unordered_set<std::string> hash_set{"only"}; std::unordered_multimap<int, int> no_hash;
    std::list<int> list{1, 2, 3}, no_list; std::forward_list<int> forward{1, 2}; std::deque<int> deque, no_deque;
    for (int i = 0; i < 300; i++) deque.push_back(i);
    for (int i = 0; i < 130; i++) deque.pop_front();
    std::stack<int> stack; stack.push(5); std::priority_queue<int> heap; heap.push(2); heap.push(9);
    std::optional<int> some = 5, nope; std::optional<std::string> text = "text";
    std::variant<int, std::string> which = std::string("second"); std::variant<int, double> first = 1;
    auto unique = std::make_unique<int>(6); std::unique_ptr<Machine> no_unique; auto shared = std::make_shared<Box<int>>(Box<int>{8});
    std::weak_ptr<Box<int>> weak = shared; std::atomic<int> atomic{12}; std::atomic<bool> flag{true};
    std::initializer_list<int> init{1, 2}; Level level = Level::high; Box<Box<double>> boxed{{1.5}};
    Virtual virt; Derived *pointer = &derived; int &reference = ints[1]; int Base::*member = &Base::base;
    auto lambda = [&reference, level](int n) { return n + reference + (int)level; };
    std::function<int(int)> function = lambda; char16_t c16 = u'x'; char32_t c32 = U'é'; std::nullptr_t null = nullptr;
    std::map<std::string, std::string> settings{{"password", "hunter2"}, {"user", "me"}}; std::bitset<8> bitset{5};
    std::weak_ptr<int> expired; { auto last = std::make_shared<int>(1); expired = last; }
    std::optional<std::optional<int>> holds_none{std::in_place}, holds_nothing;
    Wide wide_enum = Wide::all; bool odd_bool; std::memset(&odd_bool, 7, 1);
    stop_here();
    std::vector<int> later = given;
    return (int)later.size() + lambda(1) + (int)moved.size() + (member != nullptr) + (null == nullptr) + function(2) + pointer->own;
}

int main() {
    Machine machine;
    int counter = 5;
    machine.step(counter, "because");
    all({1, 2}, "moved", Derived());
    return 0;
}
