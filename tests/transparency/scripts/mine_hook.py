"""A stop hook of a user's own."""

from __future__ import annotations


class Hook:
    def __init__(self, target, extra, session):
        self.answer = extra.GetValueForKey("answer").GetStringValue(9)

    def handle_stop(self, exe_ctx, stream):
        frame = exe_ctx.GetFrame()
        stream.Print("hook of mine in %s\n" % frame.GetFunctionName())
        return self.answer != "go on" or frame.FindVariable("n").GetValueAsSigned() == 4
