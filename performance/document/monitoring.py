"""绩效运行监控表 as plain values, as HTML and PDF (A4 lying down): the same form gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from django.template.loader import render_to_string

from core.text import text_storable
from performance.document.render import Made, html_made, report_style

CAUSES = ("经费保障", "制度保障", "人员保障", "硬件条件保障", "其他")
LIKELIHOODS = ("确定能", "有可能", "完全不可能")
MARK = "√"
# Rows that share a cell of the first level on one page.
MOST_ROWS = 5


@dataclass(frozen=True)
class MoneyRow:
    """A row of the money, 万元 as printed; what is unknown is a dash."""

    name: str
    initial: str
    spent: str
    rate: str
    expected: str
    likelihood: str = ""
    causes: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class GoalRow:
    """A row of an indicator as printed; ``causes`` and ``likelihood`` are the words of CAUSES and LIKELIHOODS."""

    level1: str
    level2: str
    name: str
    target: str
    so_far: str
    expected: str
    causes: tuple[str, ...]
    explanation: str
    likelihood: str
    remark: str

    @property
    def cause_marks(self) -> tuple[str, ...]:
        """A mark under each cause that it has."""
        return tuple(MARK if one in self.causes else "" for one in CAUSES)

    @property
    def likelihood_marks(self) -> tuple[str, ...]:
        """A mark under the likelihood."""
        return tuple(MARK if one == self.likelihood else "" for one in LIKELIHOODS)


@dataclass(frozen=True)
class MonitoringForm:
    """The whole form; ``months`` is 1—7月; ``dated_on`` the day of its approval or of its figures, YYYY-MM-DD."""

    heading: str
    year: int
    months: str
    name_label: str
    name: str
    competent_department: str
    unit: str
    goal: str
    money: tuple[MoneyRow, ...]
    rows: tuple[GoalRow, ...]
    notes: tuple[str, ...]
    filled_by: str
    phone: str
    head: str
    dated_on: str


@dataclass(frozen=True)
class Together:
    """Rows of one first-level indicator that stay on one page: (level 2, rows)s, and how many rows."""

    level1: str
    groups: tuple[tuple[str, tuple[GoalRow, ...]], ...]
    rows: int


def _parts(rows: Sequence[GoalRow]) -> Iterator[Together]:
    for level1, found in groupby(rows, key=lambda one: one.level1):
        every = list(found)
        # Parts of about the same size: a single row is not left over.
        count = -(-len(every) // MOST_ROWS)
        for number in range(count):
            part = every[len(every) * number // count : len(every) * (number + 1) // count]
            groups = tuple((level2, tuple(same)) for level2, same in groupby(part, key=lambda one: one.level2))
            yield Together(level1, groups, len(part))


def monitoring_html(form: MonitoringForm, *, mark: str = "") -> str:
    """The form as one HTML text with its style.

    Args:
        mark: printed on every page, e.g. 演示; empty for none.
    """
    words = {
        "form": form, "together": tuple(_parts(form.rows)), "style": report_style(), "mark": mark, "causes": CAUSES,
        "likelihoods": LIKELIHOODS,
    }  # fmt: skip
    return text_storable(render_to_string("performance/document/monitoring.html", words))


def monitoring_pdf(form: MonitoringForm, *, mark: str = "") -> Made:
    """The form as a PDF file.

    Raises:
        BusinessError: ``no_pdf``, ``no_glyph``.
    """
    source = json.dumps([asdict(form), mark], ensure_ascii=False, sort_keys=True)
    identifier = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()[:16]
    return html_made(lambda: monitoring_html(form, mark=mark), identifier)
