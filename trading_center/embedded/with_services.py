"""``python -m trading_center.embedded.with_services -- COMMAND…``: a command with the instance's servers up.

Returns the command's exit code. Standard library alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from trading_center.config import ConfigError, load
from trading_center.embedded.child import die_with_parent
from trading_center.embedded.services import services


def _run(command: list[str], environ: dict[str, str]) -> int:
    process = subprocess.Popen(  # noqa: S603 (the caller's own command)
        command,
        env=environ,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),
    )
    # Ctrl-C reaches the command by itself; we stay until it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else 128 - code


def main(argv: list[str]) -> int:
    """Run the command of ``argv``; 2 with a sentence when the servers cannot be started."""
    command = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not command:
        sys.stderr.write("用法：python -m trading_center.embedded.with_services -- 命令…\n")
        return 2
    try:
        config = load(os.environ)
        with services(config):
            environ = {**os.environ, "DATA_DIR": str(config.DATA_DIR), "INSTANCE": config.INSTANCE}
            return _run(command, environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except FileNotFoundError as error:
        sys.stderr.write(f"找不到命令 {error.filename}。\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
