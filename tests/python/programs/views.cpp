// Many types of C++'s library, and plain ones.
#include <array>
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <forward_list>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>
#include <any>
#include <condition_variable>
#include <regex>

struct Point { int x, y; };
struct Base { virtual ~Base() = default; int b = 1; };
struct Derived : Base { int d = 2; };
struct VirtualA : virtual Base { int a = 3; };
struct Node { int value; std::unique_ptr<Node> next; std::map<int, Node*> kids; };
template <class T> struct Box { T held; Box<T>* self; };
enum Color { Red, Green };
enum class Shape : unsigned char { Round, Square };
union Either { int i; float f; };
struct Flags { unsigned a : 3; unsigned b : 5; };

__attribute__((noinline)) void stop() { asm volatile(""); }

int main() {
    std::map<int, int> m{{1, 2}, {3, 4}};
    std::map<std::string, std::vector<int>> mv{{"a", {1, 2}}};
    std::multimap<int, long> mm{{1, 2}};
    std::set<int> s{1, 2, 3};
    std::multiset<std::string> ms{"a", "b"};
    std::unordered_map<int, std::string> um{{1, "one"}};
    std::unordered_set<long> us{5};
    std::unordered_multimap<int, int> umm{{1, 2}};
    std::list<int> l{1, 2};
    std::forward_list<int> fl{1, 2};
    std::deque<int> dq{1, 2};
    std::vector<int> v{1, 2, 3};
    std::vector<bool> vb{true, false};
    std::vector<std::vector<Point>> vv{{{1, 2}}};
    std::array<int, 3> ar{1, 2, 3};
    std::shared_ptr<Point> sp = std::make_shared<Point>(Point{1, 2});
    std::weak_ptr<Point> wp = sp;
    std::shared_ptr<Base> sb = std::make_shared<Derived>();
    std::unique_ptr<Point> up(new Point{3, 4});
    std::unique_ptr<int[]> ua(new int[2]{1, 2});
    std::unique_ptr<Base> ub(new Derived);
    std::optional<int> on, oi = 3;
    std::optional<std::string> os = "text";
    std::variant<int, std::string> va = 3, vs = std::string("x");
    std::string st = "hello";
    std::string_view sv = "view";
    std::wstring ws = L"wide";
    std::u16string u16 = u"u16";
    std::tuple<int, std::string, double> tu{1, "two", 3.0};
    std::pair<int, std::string> pa{1, "one"};
    std::function<int(int)> fn = [](int x) { return x; };
    std::atomic<int> ai{1};
    std::atomic<long> al{2};
    std::atomic<unsigned long> aul{2};
    std::atomic<bool> ab{true};
    std::atomic<Point*> ap{nullptr};
    std::bitset<10> bs{5};
    std::complex<double> cd{1, 2};
    std::stack<int> sk; sk.push(1);
    std::queue<int> qu; qu.push(1);
    std::priority_queue<int> pq; pq.push(1);
    std::any an = 5;
    std::chrono::seconds sec{5};
    std::chrono::system_clock::time_point tp{};
    std::mutex mx;
    std::recursive_mutex rmx;
    std::once_flag of;
    std::reference_wrapper<int> rw(v[0]);
    std::initializer_list<int> il{1, 2};
    std::map<int, int>::iterator it = m.begin();
    std::vector<int>::iterator vi = v.begin();
    std::list<int>::iterator li = l.begin();
    std::unordered_map<int, std::string>::iterator ui = um.begin();
    std::map<int, std::map<int, std::set<int>>> nest{{1, {{2, {3}}}}};
    Node node{1, std::unique_ptr<Node>(new Node{2, nullptr, {}}), {}};
    Box<int> bi{1, &bi};
    Box<Box<long>> bb{};
    Derived de;
    VirtualA vir;
    Base* pb = &de;
    Base& rb = vir;
    Color co = Green;
    Shape sh = Shape::Square;
    Either ei{1};
    Flags fg{1, 2};
    int (*pf)() = nullptr;
    int Point::*pm = &Point::y;
    int Base::*pmb = nullptr;
    void (Base::*pmf)() = nullptr;
    char text[8] = "chars";
    const char* cs = "pointer";
    int grid[2][3] = {{1, 2, 3}, {4, 5, 6}};
    auto lam = [&v, st](int x) { return x + (int)v.size() + (int)st.size(); };
    struct { int p, q; } anon{1, 2};
    __int128 big = 5;
    long double ld = 1.5L;
    float _Complex fc = 1.0f;
    std::nullptr_t np = nullptr;
    stop(); // mark: first
    stop(); // mark: last
    return (int)v.size() + lam(1) + anon.p + fg.a;
}
