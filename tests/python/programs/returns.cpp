// What C++ returns: in registers what may be copied bit by bit, in memory what may not.
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

struct Plain {
    int x, y;
};
struct Defaulted {
    int x;
    explicit Defaulted(int v) : x(v) {}
    Defaulted(const Defaulted &) = default;
    ~Defaulted() = default;
};
struct Copied {
    int x;
    explicit Copied(int v) : x(v) {}
    Copied(const Copied &other) : x(other.x) {}
};
struct Destroyed {
    int x;
    explicit Destroyed(int v) : x(v) {}
    ~Destroyed() { x = 0; }
};
struct Virtual {
    int x;
    explicit Virtual(int v) : x(v) {}
    virtual int get() { return x; }
};
struct Holder {
    Copied inner;
};
struct Thrower {
    int v;
    int at(int i) const {
        if (i == 1)
            throw 5;
        return v + i;
    }
};

Plain plain() { return {1, 2}; }
Defaulted defaulted() { return Defaulted(3); }
Copied copied() { return Copied(4); }
Destroyed destroyed() { return Destroyed(5); }
Virtual virtual_() { return Virtual(6); }
Holder holder() { return Holder{Copied(8)}; }
const Plain &reference() {
    static Plain p{8, 9};
    return p;
}
std::unique_ptr<int> unique() { return std::make_unique<int>(3); }
std::shared_ptr<int> shared() { return std::make_shared<int>(4); }
std::pair<int, double> both() { return {1, 2.5}; }
std::optional<int> maybe() { return 4; }
std::string_view view() { return "abc"; }
std::vector<int> list() { return {1, 2, 3}; }

int main() {
    int t = plain().x + defaulted().x + copied().x + destroyed().x + virtual_().x + holder().inner.x + reference().x;
    t += *unique() + *shared() + both().first + *maybe() + static_cast<int>(view().size() + list().size());
    Thrower thrower{10};
    for (int i = 0; i < 3; i++) {
        try {
            t += thrower.at(i);
        } catch (int) {
            t++;
        }
    }
    return t == 0;
}
