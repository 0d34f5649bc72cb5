"""Start a program that dies with its parent. Run as a file: ``python -I -S child.py SIGNAL PARENT PROGRAM [ARG…]``.

The kernel sends the signal when the parent ends, however it ends. The wish is dropped when a process changes its
user, so this runs behind ``unshare`` and directly before the program. Standard library alone.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> None:
    """Let the kernel send ``signal_number`` to this process when its parent ends."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(argv: list[str]) -> None:
    """Become the program, unless the parent is gone already."""
    die_with_parent(int(argv[1]))
    if os.getppid() != int(argv[2]):
        sys.exit(1)
    os.execv(argv[3], argv[3:])  # noqa: S606 (a shell is exactly what must not stand in between)


if __name__ == "__main__":
    main(sys.argv)
