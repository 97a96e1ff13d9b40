// Values that must not hurt a debugger: huge, uninitialised, endless.  Stop at the lines marked STOP.
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

struct Node { int value; Node *next; Node &self; std::shared_ptr<Node> owner; };
struct Big { char pad[1 << 20]; int tail; };

static int total;

int huge() {
    static int array[1 << 20];
    int on_stack[1 << 18];
    static Big bigs[4];
    memset(on_stack, 1, sizeof on_stack);
    array[0] = 7;
    bigs[0].tail = 1;
    total++;  // STOP huge
    return on_stack[5] + array[3] + bigs[1].tail;
}

int many() {
    std::map<int, std::string> map;
    std::unordered_map<int, int> hash;
    std::vector<std::map<int, int>> maps(1000);
    std::list<int> list;
    for (int i = 0; i < 20000; i++) { map[i] = "value"; hash[i] = i; list.push_back(i); maps[i % 1000][i] = i; }
    std::string text(1 << 22, 'x');
    total++;  // STOP many
    return map.size() + hash.size() + list.size() + maps.size() + text.size();
}

int garbage(int fill) {
    alignas(16) char bytes[8][128];
    memset(bytes, fill, sizeof bytes);
    auto &map = *reinterpret_cast<std::map<int, int> *>(bytes[0]);
    auto &vector = *reinterpret_cast<std::vector<int> *>(bytes[1]);
    auto &string = *reinterpret_cast<std::string *>(bytes[2]);
    auto &hash = *reinterpret_cast<std::unordered_map<int, int> *>(bytes[3]);
    auto &list = *reinterpret_cast<std::list<int> *>(bytes[4]);
    auto &deque = *reinterpret_cast<std::deque<int> *>(bytes[5]);
    auto &shared = *reinterpret_cast<std::shared_ptr<Node> *>(bytes[6]);
    total++;  // STOP garbage
    std::map<int, std::string> late_map{{1, "a"}};
    std::vector<std::string> late_vector{"a"};
    std::string late_string = "late";
    return late_map.size() + late_vector.size() + late_string.size() + (&map == nullptr) + (&vector == nullptr) +
           (&string == nullptr) + (&hash == nullptr) + (&list == nullptr) + (&deque == nullptr) + (&shared == nullptr);
}

int endless() {
    alignas(Node) char place[sizeof(Node)];
    Node *node = new (place) Node{1, nullptr, *node, nullptr};
    node->next = node;
    Node &loop = *node;
    std::list<int> ring{1, 2, 3};
    std::vector<std::vector<std::vector<std::vector<int>>>> deep{{{{1}}}};
    total++;  // STOP endless
    return loop.value + ring.size() + deep.size();
}

int recurse(int depth) {
    if (depth == 0) {
        total++;  // STOP recurse
        return 0;
    }
    return recurse(depth - 1) + 1;
}

#define ONE(n) volatile int v##n = 0;
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
#define HUNDRED(n) TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
#define THOUSAND(n) HUNDRED(n##0) HUNDRED(n##1) HUNDRED(n##2) HUNDRED(n##3) HUNDRED(n##4) \
                    HUNDRED(n##5) HUNDRED(n##6) HUNDRED(n##7) HUNDRED(n##8) HUNDRED(n##9)
int locals() {
    THOUSAND(0) THOUSAND(1) THOUSAND(2) THOUSAND(3) THOUSAND(4) THOUSAND(5) THOUSAND(6) THOUSAND(7) THOUSAND(8) THOUSAND(9)
    total++;  // STOP locals
    return v0000 + v9999;
}

int main() {
    huge();
    many();
    garbage(0x00);
    garbage(0xff);
    garbage(0x5a);
    endless();
    recurse(10000);
    locals();
    return 0;
}
