"""The first day of a real center: lists that are empty say what to do next, to who may do it and to who may not."""

from __future__ import annotations

import pytest

from accounts.duties import Duty
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("duty", "path", "words"),
    [
        (Duty.ANNOUNCEMENT_DRAFT, "/staff/announcements/", "还没有公告稿：选一个类型开始"),
        (Duty.ANNOUNCEMENT_CHECK, "/staff/announcements/", "由有“公告拟稿”职责的人拟稿"),
        (Duty.ANNOUNCEMENT_CHECK, "/staff/announcements/?q=x", "没有符合条件的公告稿"),
        (Duty.DIRECTOR, "/staff/tasks/", "还没有交办事项：新建一件"),
        (Duty.INTAKE, "/staff/tasks/", "还没有交办给您和您的科室的事项"),
        (Duty.INTAKE, "/staff/tasks/?overdue=1", "没有符合条件的交办事项"),
        (Duty.INTAKE, "/staff/notices/", "有事要您办理或知晓时，会出现在这里"),
        (Duty.MASKING, "/staff/announcements/masking/", "在上面按标题或者项目编号找到公告"),
        (Duty.ARTICLE_EDIT, "/staff/articles/", "点“新建文章”写第一篇"),
        (Duty.DIRECTOR, "/staff/articles/", "由有“栏目文章编辑”职责的人撰写"),
        (Duty.RULE_EDIT, "/staff/rules/", "点“新建制度”录入第一项"),
        (Duty.INTAKE, "/staff/rules/", "由有“制度库管理”职责的人录入"),
        (Duty.PERFORMANCE, "/staff/performance/goals/", "还没有预算年度：由财务经办先建立"),
        (Duty.PERFORMANCE, "/staff/performance/indicators/", "还没有批准的绩效目标表"),
        (Duty.INTAKE, "/staff/performance/indicators/", "现在没有由您的科室负责的绩效指标"),
        (Duty.DIRECTOR, "/staff/performance/deals/", "还没有预算年度：由财务经办先建立"),
        (Duty.SYSTEM_ADMIN, "/staff/upkeep/", "第一次在今夜自动进行"),
    ],
)
def test_an_empty_list_says_what_comes_next(duty: Duty, path: str, words: str) -> None:
    answer = client_of(make_person(duty)).get(path)
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
