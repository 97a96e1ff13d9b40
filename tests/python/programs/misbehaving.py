# mypy: ignore-errors
"""A user's pretty-printers that misbehave, for GDB and for LLDB alike.

`Loud` prints, changes, and calls whatever it can; `Sad` raises, `Quits` more than an exception; `Kids` prints where it gives
its child.  None of it may be noticed when the plugin asks them.
"""

import sys

if "lldb" in sys.modules:
    import lldb
else:
    import gdb


def shout():
    print("LOUD PRINTS")
    sys.stdout.write("LOUD WRITES\n")
    sys.stderr.write("LOUD COMPLAINS\n")


class GdbLoud:
    def __init__(self, value):
        shout()
        self.value = value

    def to_string(self):
        shout()
        gdb.write("LOUD IN GDB\n")
        gdb.execute("print 41 + 1")
        for text in ("helper(1)", '"a literal"', "$mine = 5"):
            try:
                gdb.parse_and_eval(text)
            except gdb.error:
                pass
        for command in ("print helper(1)", "call helper(1)", "set listsize 3", "shell echo LOUD SHELL"):
            try:
                gdb.execute(command)
            except gdb.error:
                pass
        answer = gdb.execute("print 6 * 7", to_string=True)
        return "loud " + str(int(self.value["x"])) + " " + answer.split("= ")[1].strip()


class GdbSad:
    def __init__(self, value):
        pass

    def to_string(self):
        raise ValueError("SAD RAISES")


class GdbQuits:
    def __init__(self, value):
        pass

    def to_string(self):
        sys.exit(3)


class GdbKids:
    def __init__(self, value):
        self.value = value

    def children(self):
        shout()
        yield "one", self.value["x"]


def in_gdb(value):
    shout()
    kinds = {"Loud": GdbLoud, "Sad": GdbSad, "Kids": GdbKids, "Quits": GdbQuits}
    kind = kinds.get((value.type.strip_typedefs().name or "").split("::")[-1])
    return None if kind is None else kind(value)


def loud(value, _internal):
    shout()
    value.EvaluateExpression("helper(1)")
    value.GetFrame().EvaluateExpression("helper(2)")
    value.GetTarget().EvaluateExpression("helper(3)")
    lldb.debugger.HandleCommand("expression helper(4)")
    return "loud " + value.GetChildMemberWithName("x").GetValue() + " 42"


def sad(value, _internal):
    raise ValueError("SAD RAISES")


class Kids:
    def __init__(self, value, _internal):
        shout()
        self.value = value

    def num_children(self):
        shout()
        return 1

    def get_child_index(self, name):
        return 0

    def get_child_at_index(self, index):
        shout()
        return self.value.GetChildMemberWithName("x").Clone("one")

    def update(self):
        return False


def __lldb_init_module(debugger, _internal):
    for kind in ("{}", "calls::{}"):
        for name in ("loud", "sad"):
            debugger.HandleCommand(
                f"type summary add --python-function misbehaving.{name} " + kind.format(name.title())
            )
        debugger.HandleCommand("type synthetic add --python-class misbehaving.Kids " + kind.format("Kids"))


if "gdb" in globals():
    gdb.pretty_printers.append(in_gdb)
