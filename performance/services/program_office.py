"""Which office answers for a program: may be named or changed at any time before the final accounts."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Department, User
from performance.models import ProgramYear, YearState
from performance.services.common import refuse, told, writing


def program_department_set(
    *, program_year: ProgramYear, department: Department | None, by: User, now: datetime, address: str = ""
) -> ProgramYear:
    """Name the office (承办科室) that answers for a program's progress, also after the approval.

    Args:
        department: an office in use, or None: nobody is named.

    Raises:
        BusinessError: ``没有保存：…``: the final accounts are confirmed, or the office is not in use.
    """
    if department is not None and not department.is_active:
        raise refuse("没有保存", f"{department}已经停用，请另选科室", field="department")
    with writing("没有保存"):
        held = ProgramYear.objects.select_for_update(of=("self",)).select_related("fiscal_year").get(pk=program_year.pk)
        if held.fiscal_year.state == YearState.CLOSED:
            raise refuse("没有保存", "这个年度的决算已经确认，承办科室不能再改", code="blocked")
        if held.department_id != (department.pk if department else None):
            held.department = department
            held.save(update_fields=["department"])
            told(what="program_department", obj=held, by=by, now=now, address=address,
                 office=department.code if department else "")  # fmt: skip
    program_year.department = department
    return held
