"""What a user of LLDB loads: a command, a breakpoint's command, a summary."""

from __future__ import annotations


def where(debugger, command, exe_ctx, result, session):
    """Tells where the program is."""
    frame = exe_ctx.GetFrame()
    print("in", frame.GetFunctionName(), "line", frame.GetLineEntry().GetLine(), file=result)


def only_large(frame, location, session):
    print("seen", frame.FindVariable("n").GetValue())
    return frame.FindVariable("n").GetValueAsSigned() > 3


def point_summary(value, session):
    return "at %s" % value.GetChildMemberWithName("x").GetValue()


def __lldb_init_module(debugger, session):
    debugger.HandleCommand("command script add -o -f mine.where where")
