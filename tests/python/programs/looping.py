# mypy: ignore-errors
"""A user's pretty-printer that does not return, for GDB and for LLDB alike: of `Loud` in halves.cpp."""

import sys

if "lldb" not in sys.modules:
    import gdb

    class Loops:
        def __init__(self, value):
            self.value = value

        def to_string(self):
            while True:
                try:
                    while True:
                        pass
                except Exception:
                    pass

    gdb.pretty_printers.append(lambda value: Loops(value) if value.type.strip_typedefs().name == "Loud" else None)


def loops(_value, _internal):
    while True:
        pass


def __lldb_init_module(debugger, _internal):
    debugger.HandleCommand("type summary add --python-function looping.loops Loud")
