# mypy: ignore-errors
"""A user's pretty-printer for GDB that shows a `Place` of keys.cpp as a map."""

import gdb


class Maps:
    def __init__(self, value):
        self.value = value

    def display_hint(self):
        return "map"

    def children(self):
        yield "0", self.value["letter"]
        yield "1", self.value["x"]
        yield "2", "plain\u202e"
        yield "3", "text"


gdb.pretty_printers.append(lambda value: Maps(value) if value.type.strip_typedefs().name == "Place" else None)
