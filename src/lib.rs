//! Records what a debugger sees: every breakpoint hit, with its values and its stack, in one session file.
