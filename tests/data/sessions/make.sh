#!/bin/sh
# Makes a folder of small sessions with the build that is in this tree:
#     make build && tests/data/sessions/make.sh NAME
# NAME is the step of the format, as the README beside this file counts them. Needs g++, gdb,
# lldb (or $LLDB) and valgrind. Everything happens under /tmp/keep, so that no path of the machine
# gets into the files.
set -eu
data=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$data/../../.." && pwd)
out=$data/$1
keep=/tmp/keep
rm -rf "$keep" && mkdir -p "$keep/home" && cp "$data/keep.cpp" "$keep" && cd "$keep"
export HOME="$keep/home" XDG_STATE_HOME="$keep/home/state" XDG_CONFIG_HOME="$keep/home/config" TERM=dumb
ask="$top/target/release/dbg-session"
cp -r "$top/python" "$keep/python"

g++ -g -O0 -pthread keep.cpp -o keep
valgrind -q --tool=callgrind --toggle-collect=main --callgrind-out-file=callgrind.out ./keep > /dev/null

gdb -nx -batch -ex "source $keep/python/dbg_session/gdbinit.py" \
    -ex "dbg-session new --label whole" \
    -ex "break keep.cpp:17 if count > 1" -ex "watch total" -ex "dbg-session trace keep.cpp:23" \
    -ex "dbg-session trace --return weigh" \
    -ex "dbg-session watch part.weight" -ex "run" -ex "dbg-session note 'the first stop'" \
    -ex "dbg-session disasm weigh" \
    -ex continue -ex continue -ex continue -ex continue -ex continue -ex continue -ex kill ./keep > /dev/null 2>&1
"$ask" layer add callgrind.out --session whole
"$ask" note "kept for those who come later" --session whole

${LLDB:-lldb-19} --no-lldbinit --batch -o "command script import $keep/python/dbg_session" \
    -o "breakpoint set --file keep.cpp --line 17" -o "dbg-session new --label lldb" \
    -o "dbg-session trace keep.cpp:23" -o run -o continue -o continue -o kill ./keep > /dev/null 2>&1

# Killed at a stop and in the middle of a tracepoint's hits: nobody ended it.
gdb -nx -batch -ex "source $keep/python/dbg_session/gdbinit.py" -ex "dbg-session new --label interrupted" \
    -ex "break keep.cpp:17" -ex "dbg-session trace keep.cpp:23" -ex run -ex continue \
    -ex "python import time; time.sleep(0.5)" \
    -ex "python import os, signal; os.kill(os.getpid(), signal.SIGKILL)" ./keep > /dev/null 2>&1 || true

"$ask" list
rm -rf "$out" && mkdir -p "$out" && cp -r .dbg/sessions/. "$out"
chmod -R u=rwX,go=rX "$out" && rm -f "$out"/.gitignore "$out"/*-lock "$out"/*-shm
ls -l "$out"
rm -rf "$keep"
