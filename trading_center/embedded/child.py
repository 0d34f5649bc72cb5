"""Processes that die with their parent, in a session of their own. Standard library alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int) -> None:
    """Let the kernel send ``signal_number`` to this process when its parent ends."""
    if _LIBC.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def enter_user_namespace() -> None:
    """Appear as nobody to this process and its children, while the kernel still sees root on our files.

    PostgreSQL refuses to run as root; this needs no user to be added and no folder to be opened to others.
    """
    uid, gid = os.geteuid(), os.getegid()
    if _LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="ascii")


def _before_exec(death_signal: int, parent: int, namespace: bool) -> Callable[[], None]:
    def run() -> None:
        os.umask(0o077)
        if namespace:
            enter_user_namespace()
        # The wish is dropped when a process changes its user: only now.
        die_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return run


def spawn(
    command: Sequence[str],
    *,
    death_signal: int = signal.SIGKILL,
    namespace: bool = False,
    keep: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own; it gets ``death_signal`` when the calling process ends.

    Args:
        command: the program and its arguments.
        death_signal: what the kernel sends when the parent ends.
        namespace: enter a user namespace first (see ``enter_user_namespace``).
        keep: descriptors that the child inherits (locks).
        env: its environment.
        **options: further arguments of Popen (stdout, user, cwd …).
    """
    return subprocess.Popen(  # noqa: S603 (fixed programs of our own)
        list(command),
        # The callers have one thread only, for which preexec_fn is safe.
        preexec_fn=_before_exec(death_signal, os.getpid(), namespace),
        start_new_session=True,
        pass_fds=tuple(keep),
        env=env,
        **{"stdin": subprocess.DEVNULL, **options},
    )


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended; then what is left of its session's first group is killed before its number is given back."""
    if process.returncode is not None:
        return True
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def stop(process: subprocess.Popen[bytes], steps: Sequence[tuple[int, float]]) -> bool:
    """Send each signal of ``steps`` and wait its seconds; at last kill. True when no kill was needed."""
    for number, seconds in steps:
        if has_ended(process):
            return True
        process.send_signal(number)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if has_ended(process):
                return True
            time.sleep(0.02)
    if has_ended(process):
        return True
    process.kill()
    while not has_ended(process):
        time.sleep(0.02)
    return False
