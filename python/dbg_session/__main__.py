"""The program `dbg-session`, as pip installs it; the same Rust code as cargo's."""

from __future__ import annotations

import os
import shutil
import sys

from . import _native
from .util.working_folder import working_folder


def main() -> int:
    """Run the command line of this process, and return its exit code."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    try:
        code, out, err = _native.run(sys.argv[1:], working_folder(), width)
    except KeyboardInterrupt:  # before or after the question, which knows Ctrl-C itself
        code, out, err = 130, "", "dbg-session: interrupted.\n"
    try:
        sys.stdout.write(out)
        sys.stdout.flush()
        sys.stderr.write(err)
    except BrokenPipeError:
        # Who reads no further has what was wanted; nothing is left to say at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    sys.exit(main())
