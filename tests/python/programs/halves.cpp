// Objects that are not whole: while a base is built or torn down, it is not yet what it will be.
#include <cstdio>

struct A { int a = 1; virtual ~A() {} virtual int f() { return a; } };
struct B : virtual A { int b = 2; B() { touch(this, *this); } int touch(B *self, B &me) {
    return self->b + me.b + n(); // mark: half
} int n() { return b; } };
struct C : virtual A { int c = 3; ~C() { look(this); } int look(C *self) {
    return self->c; // mark: torn
} };
struct D : B, C { int d = 4; A *other = this; };

struct Loud { int x; };
struct Sad { int x; };
struct Kids { int x; };
struct Quits { int x; };

int helper(int n) { return n + 1; }

int stop(Loud loud, Sad sad, Kids kids, Quits quits, D &whole)
{
    Loud *one = &loud;
    return loud.x + sad.x + kids.x + 0 * quits.x + whole.d + one->x; // mark: whole
}

int main()
{
    int total = 0;
    for (int i = 0; i < 3; i++) {
        D d;
        total += stop({i}, {i + 1}, {i + 2}, {i + 3}, d);
    }
    std::printf("total %d\n", total + helper(1));
}
