"""``python -m deploy.part web|worker|scheduler``: become that part of the portal, by the supervisor's own command.

A container runs one part; which arguments it has follows from the settings in one place, trading_center.parts.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping

from trading_center.config import ConfigError, load
from trading_center.parts import COUNTS, part_commands


def command(part: str, environ: Mapping[str, str]) -> list[str]:
    """The words of the command of ``part`` under the settings of ``environ``.

    Raises:
        ConfigError: a wrong setting, or a part that there is not.
    """
    commands = part_commands(load(environ))
    if part not in commands:
        raise ConfigError(f"无法启动：没有 {part} 这一部分，应是 {'、'.join(commands)} 之一。")
    return [sys.executable, *commands[part]]


def main(arguments: list[str]) -> int:
    """Replace this process; 2 with a sentence when the settings are wrong."""
    try:
        words = command(" ".join(arguments), os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments == ["web"]:
        # Of this container alone: process numbers of two containers are the same.
        os.environ[COUNTS] = tempfile.mkdtemp(prefix="tc-counts-")
    os.execv(words[0], words)  # noqa: S606 (no shell is wanted between the container and the part)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
