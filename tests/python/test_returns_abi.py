"""`trace --return`: the values that the calling convention treats in a way of its own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from test_stops import values
from test_trace import compiled

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger, Step

ABI = """
#include <complex>
#include <cstdio>
#include <optional>
#include <string>
typedef float four __attribute__((vector_size(16)));
struct Vector { four v; };
struct Complex { double _Complex z; };
struct Extended { long double x; };
struct __attribute__((packed)) Packed { char c; double d; };
namespace ns { std::string tagged(int n) { return std::string(n, 'y'); } }
std::complex<double> doubles(int n) { return {n + 0.5, n + 1.5}; }
std::complex<float> floats(int n) { return {n + 0.5f, n + 1.5f}; }
Complex inside(int n) { Complex c; __real__ c.z = n; __imag__ c.z = n + .25; return c; }
Extended extended(int n) { return Extended{n + .5L}; }
Vector vector(int n) { return Vector{four{1, 2, 3, (float)n}}; }
four bare(int n) { return four{1, 2, 3, (float)n}; }
Packed packed(int n) { return Packed{'a', n + 0.5}; }
std::optional<double> perhaps(int n) { return n > 100 ? std::nullopt : std::optional<double>(n + 0.5); }
__float128 quad(int n) { return n + 0.5; }
int main() {
    std::complex<double> d = doubles(1);
    std::complex<float> f = floats(1);
    Complex i = inside(2);
    four v = vector(4).v, b = bare(4);
    printf("true %g %g %g %g", d.real(), d.imag(), f.real(), f.imag());
    printf(" %g %g %Lg", (double)__real__ i.z, (double)__imag__ i.z, extended(2).x);
    printf(" %g %g %g %g %g %g", v[0], v[1], v[2], v[3], b[2], b[3]);
    printf(" %g %g %s", packed(4).d, *perhaps(4), ns::tagged(3).c_str());
    printf(" %g %d\\n", (double)quad(4), perhaps(200).has_value());
    return 0;
}
"""
TRUE = "true 1.5 2.5 1.5 2.5 2 2.25 2.5 1 2 3 4 3 4 4.5 4.5 yyy 4.5 0"
PACKED = """
#include <stdio.h>
struct __attribute__((packed)) packed { char c; double d; };
struct bits { char c; int a : 5; int b : 27; };
struct packed packed(int n) { return (struct packed){'a', n + 0.5}; }
struct bits bits(int n) { return (struct bits){'b', n, n * 1000}; }
int main(void) {
    struct bits b = bits(5);
    printf("true %g %d %d\\n", packed(4).d, b.a, b.b);
    return 0;
}
"""
UNKNOWN = "<where a function returns"


def cpp(debugger: Debugger, name: str, source: str) -> Path:
    """A C++ program made of `source` in the working folder."""
    (debugger.cwd / f"{name}.cpp").write_text(source)
    command = ["c++", "-g", "-std=gnu++17", "-o", name, f"{name}.cpp"]
    subprocess.run(command, cwd=debugger.cwd, check=True, timeout=60)
    return debugger.cwd / name


def returned(debugger: Debugger, program: Path, functions: list[str]) -> tuple[str, dict[str, str]]:
    """What the program printed, and what was recorded of these functions; of each its first return."""
    steps: list[Step] = [*(f"dbg-session trace --return {function}" for function in functions), "run"]
    output = debugger.run_script(program, steps).output
    assert "lost a hit" not in output, output
    found: dict[str, str] = {}
    for hit in debugger.session().hits():
        name = hit["function"].partition("(")[0].partition("[")[0].rpartition("::")[2]
        found.setdefault(name, values(hit)["return"])
    return output, found


def test_complex_vectors_and_packed(debugger: Debugger) -> None:
    names = ["doubles", "floats", "inside", "extended", "vector", "bare", "packed", "perhaps", "tagged", "quad"]
    output, found = returned(debugger, cpp(debugger, "abi", ABI), names)
    assert TRUE in output
    quad, perhaps = found.pop("quad"), found.pop("perhaps")
    assert quad == "4.5" or quad.startswith(UNKNOWN)
    assert perhaps == "4.5" or perhaps.startswith("<whether a function returns")
    assert found == {
        "doubles": "{_M_value = 1.5 + 2.5i}",
        "floats": "{_M_value = 1.5 + 2.5i}",
        "inside": "{z = 2 + 2.25i}",
        "extended": "{x = 2.5}",
        "vector": "{v = {1, 2, 3, 4}}",
        "bare": "{1, 2, 3, 4}",
        "packed": "{c = 'a', d = 4.5}",
        "tagged": '"yyy"',
    }


def test_packed_in_c(debugger: Debugger) -> None:
    output, found = returned(debugger, compiled(debugger, "packed", PACKED), ["packed", "bits"])
    assert "true 4.5 5 5000" in output
    assert found == {"packed": "{c = 'a', d = 4.5}", "bits": "{c = 'b', a = 5, b = 5000}"}


DECIMAL = "_Decimal64 decimal(int n) { return n + 0.5DD; }\nint main(void) { return decimal(1) == 0; }\n"


def test_decimal_floats_are_not_known(gdb: Debugger) -> None:
    """LLDB does not know the type: to it such a function returns nothing."""
    _, found = returned(gdb, compiled(gdb, "decimal", DECIMAL), ["decimal"])
    assert found["decimal"].startswith(UNKNOWN)
