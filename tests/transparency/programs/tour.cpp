// The C++ of the LLDB scenarios.
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shapes {

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};

struct Square : Shape {
    explicit Square(double s) : side(s) {}
    double area() const override {
        return side * side; // mark: area
    }
    double side;
};

struct Circle : Shape {
    explicit Circle(double r) : radius(r) {}
    double area() const override { return 3 * radius * radius; }
    double radius;
};

} // namespace shapes

template <typename T> T larger(T a, T b) {
    return a > b ? a : b; // mark: larger
}

static int checked(int n) {
    if (n > 2) {
        throw std::runtime_error("too large"); // mark: throw
    }
    return n;
}

static void risky() {
    try {
        for (int i = 0; i < 5; i++) {
            checked(i);
        }
    } catch (const std::exception &error) {
        std::cout << "caught " << error.what() << std::endl; // mark: caught
    }
}

int main() {
    std::vector<int> numbers = {3, 1, 2};
    std::map<std::string, int> ages = {{"ann", 30}, {"bob", 40}};
    std::string word = "hello";
    std::unique_ptr<shapes::Shape> shape = std::make_unique<shapes::Square>(2.0);
    auto add = [&numbers](int more) {
        numbers.push_back(more); // mark: lambda
        return numbers.size();
    };
    add(4);
    std::cout << larger(1, 2) << larger(1.5, 0.5) << shape->area() << std::endl; // mark: printed
    risky();
    return 0;
}
