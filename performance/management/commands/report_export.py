"""``manage.py report_export KIND --year Y --out FILE.pdf``, ``report_export --list [--json]`` (contracts/commands.md).

The file is that of the page's button: made once for each content, then kept. Needs no worker.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from core.errors import BusinessError
from documents.selectors import file_open
from performance.models import ReportFile
from performance.selectors.reports import report_find, report_kind, report_rows
from performance.services.report_files import report_file_make, report_taken

FIRST_YEAR, LAST_YEAR = 2000, 2100


class Command(ChineseCommand):
    help = "导出绩效自评报告的 PDF，与页面上生成的是同一个文件；--list 列出有的报告。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", metavar="KIND", nargs="?", help="department 或者 project:项目代码")
        parser.add_argument("--year", metavar="Y", type=int, help="年度")
        parser.add_argument("--out", metavar="FILE", help="写到哪个文件")
        parser.add_argument("--list", action="store_true", help="列出有的报告：种类、年度、名称")
        parser.add_argument("--json", action="store_true", help="列表以 JSON 给出")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list(as_json=options["json"])
            return
        missing = [name for name, key in (("KIND", "kind"), ("--year", "year"), ("--out", "out")) if not options[key]]
        if missing or options["json"]:
            told = f"缺少 {'、'.join(missing)}" if missing else "--json 要和 --list 一起用"
            raise BusinessError(
                f"没有导出：{told}。用法：report_export KIND --year 年度 --out 文件，或者 --list [--json]",
                "bad_arguments",
            )
        if not FIRST_YEAR <= options["year"] <= LAST_YEAR:
            raise BusinessError(f"没有导出：年度应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。", "no_data")
        self._export(options["kind"], options["year"], Path(options["out"]))

    def _list(self, *, as_json: bool) -> None:
        rows = [(report_kind(one), one.fiscal_year.year, one.title) for one in report_rows()]
        if as_json:
            found = [{"kind": kind, "year": year, "name": name} for kind, year, name in rows]
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for kind, year, name in rows:
            self.stdout.write("\t".join((kind, str(year), " ".join(name.split()))))

    def _export(self, kind: str, year: int, out: Path) -> None:
        report = report_find(kind, year)
        if out.is_dir() or not out.absolute().parent.is_dir():
            raise BusinessError(f"没有导出：{out} 是目录，或者所在的目录不存在。", "bad_path")
        now = timezone.now()
        file = report_file_make(report=report, now=now)
        _write(file, out)
        report_taken(report=report, what=f"PDF {file.code}", by=None, now=now)
        self.stderr.write(f"已导出 {out}：{file.pages} 页，验证码 {file.code}，SHA-256 {file.file.sha256}。")


def _write(file: ReportFile, out: Path) -> None:
    """The whole file or none: written beside, then renamed.

    Raises:
        BusinessError: ``bad_path``.
    """
    part = ""
    try:
        handle, part = tempfile.mkstemp(dir=out.absolute().parent, prefix=f".{out.name[:80]}.")
        with os.fdopen(handle, "wb") as target, file_open(file.file) as content:
            shutil.copyfileobj(content, target)
            target.flush()
            os.fsync(target.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(part, 0o666 & ~umask)
        os.replace(part, out)
    except (OSError, ValueError) as error:
        Path(part).unlink(missing_ok=True) if part else None
        raise BusinessError(
            f"没有导出：写不进 {out}（{getattr(error, 'strerror', None) or '路径不对'}）。", "bad_path"
        ) from error
