"""The editors' pages: nothing typed is lost, nobody goes past the duties, refusals are sentences."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Instance, User
from portal.models import Article, ArticleDraft, Column, RuleVersion, WatchRun
from portal.selectors.watch import watch_page
from portal.services.watch import site_watch
from portal.states import ArticleState, RuleState
from tests.accounts.test_access import member as logged_in_as
from tests.portal.factories import make_article
from tests.portal.sheets import make_draft, make_published, make_version, news
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


def member(*duties: Duty) -> tuple[Client, User]:
    """A client of somebody with ``duties`` since long ago, and the person."""
    client = logged_in_as(*duties)
    user = User.objects.get(pk=client.session["_auth_user_id"])
    return client, user


def shown(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:3000]
    return str(response.content.decode())


def article_fields(**changes: Any) -> dict[str, Any]:
    return {"column": news().pk, "title": "关于搬迁的通知", "source": "综合科", "publish_at": "",
            "text": "一、地点\n四楼。", **changes}  # fmt: skip


def rule_fields(**changes: Any) -> dict[str, Any]:
    return {"document_number": "云泽交易〔2026〕50号", "title": "档案管理办法", "issued_on": "2026-02-01",
            "in_force_from": "2026-03-01", "offices": ["8"], "is_public": "on",
            "text": "一、范围\n全部项目。", **changes}  # fmt: skip


def test_article_goes_from_the_editor_to_the_public_through_two_people() -> None:
    writer, _ = member(Duty.ARTICLE_EDIT)
    answer = writer.post("/staff/articles/new/", article_fields())
    draft = ArticleDraft.objects.get()
    assert answer.headers["Location"] == f"/staff/articles/{draft.pk}/"
    assert "提交复核" in shown(writer.get(f"/staff/articles/{draft.pk}/"))
    step = f"/staff/move/portal.articledraft/{draft.pk}/"
    assert writer.post(step + "submit/").status_code == 302
    assert "另一个人" in shown(writer.post(step + "publish/"), 403)
    checker, _ = member(Duty.OFFICE_HEAD)
    assert "复核发布" in shown(checker.get(f"/staff/articles/{draft.pk}/"))
    assert checker.post(step + "publish/").status_code == 302
    article = Article.objects.get()
    assert "关于搬迁的通知" in shown(Client().get(f"/articles/news/{article.pk}/"))
    assert "撤下" in shown(checker.get(f"/staff/articles/published/{article.pk}/"))


def test_preview_saves_nothing_and_keeps_what_was_typed() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    page = shown(client.post("/staff/articles/new/", article_fields(do="preview", text="一、甲\n- 乙\n<script>")))
    assert "<h3>一、甲</h3>" in page and "<ul><li>乙</li></ul>" in page and "&lt;script&gt;" in page
    assert "还没有保存" in page and ArticleDraft.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "请填写这一项"), ({"title": "长" * 301}, "标题超过 300 字"), ({"column": "999"}, "没有这一项"),
        ({"publish_at": "明天"}, "2026-03-02 09:00"), ({"text": "长" * 100_001}, "正文超过 100,000 字"),
        ({"title": "甲\x01"}, "控制字符"), ({"text": "甲\x00乙"}, "控制字符"), ({"column": "x\x00"}, "字符"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_words_and_nothing_is_lost(changes: dict[str, Any], words: str) -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    answer = client.post("/staff/articles/new/", article_fields(source="独有的来源", **changes))
    page = shown(answer, answer.status_code)
    assert 400 <= answer.status_code < 500 and words in page and "独有的来源" in page
    assert ArticleDraft.objects.count() == 0


def test_two_editors_do_not_overwrite_each_other() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    draft = make_draft(now=timezone.now())
    page = f"/staff/articles/{draft.pk}/edit/"
    assert client.post(page, article_fields(seen="1", title="甲改的")).status_code == 302
    answer = shown(client.post(page, article_fields(seen="1", title="乙改的")), 409)
    assert "页面打开之后" in answer and "乙改的" in answer
    draft.refresh_from_db()
    assert draft.title == "甲改的"


def test_hidden_fields_write_nothing_they_should_not() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    client.post("/staff/articles/new/", article_fields(state="published", role="bidder", article="1", created_by="1"))
    draft = ArticleDraft.objects.get()
    assert (draft.state, draft.role, draft.article_id) == ("draft", "", None)


def test_revising_and_withdrawing_an_imported_article() -> None:
    article = make_article(published="2026-03-02 09:00")
    writer, _ = member(Duty.ARTICLE_EDIT)
    base = f"/staff/articles/published/{article.pk}/"
    assert "修订" in shown(writer.get(base))
    answer = writer.post(base + "revise/")
    draft = ArticleDraft.objects.get()
    assert answer.headers["Location"] == f"/staff/articles/{draft.pk}/edit/" and draft.replaces_id == article.pk
    assert "没有办完" in shown(writer.get(base))
    assert writer.post(base + "revise/", follow=True).content.decode().count("未办完的修订稿") == 1
    head, _ = member(Duty.OFFICE_HEAD)
    assert "写明理由" in shown(head.post(base + "withdraw/", {"reason": "", "confirmed": "yes"}), 400)
    assert "先勾选确认" in shown(head.post(base + "withdraw/", {"reason": "重复"}), 400)
    sent = {"reason": "重复", "confirmed": "yes"}
    assert head.post(base + "withdraw/", sent).status_code == 302
    assert head.post(base + "withdraw/", sent).status_code == 403
    assert "已撤下" not in shown(head.get(base))
    other, _ = member(Duty.OFFICE_HEAD)
    assert other.post(base + "withdraw/", sent).status_code == 302
    assert "已撤下" in shown(head.get(base))
    assert "重复" in shown(Client().get(f"/articles/notices/{article.pk}/"), 410)


def test_guide_is_rewritten_from_the_software_text() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    answer = client.post("/staff/guides/bidder/revise/")
    draft = ArticleDraft.objects.get()
    assert answer.headers["Location"] == f"/staff/articles/{draft.pk}/edit/"
    assert (draft.role, draft.column.slug) == ("bidder", "guides") and draft.text.startswith("一、找到项目")
    page = shown(client.get(f"/staff/articles/{draft.pk}/edit/"))
    assert "disabled" in page
    shown(client.post("/staff/guides/nobody/revise/"), 404)
    other = Column.objects.get(slug="news").pk
    client.post(f"/staff/articles/{draft.pk}/edit/", article_fields(column=other))
    draft.refresh_from_db()
    assert draft.column.slug == "guides"


def test_files_are_added_opened_and_taken_away() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    draft = make_draft(now=timezone.now())
    base = f"/staff/articles/{draft.pk}/files/"
    page = client.post(base, {"file": io.BytesIO("内容".encode())}, follow=True)
    assert "附件没有保存" in page.content.decode() or "附件已保存" in page.content.decode()
    upload = io.BytesIO("内容".encode())
    upload.name = "说明.txt"
    client.post(base, {"file": upload})
    file = draft.files.last()
    assert file is not None
    response = client.get(f"{base}{file.position}/")
    assert b"".join(response.streaming_content).decode() == "内容"  # type: ignore[attr-defined]
    assert "attachment" in response.headers["Content-Disposition"]
    assert "请先选择文件" in client.post(base, {}, follow=True).content.decode()
    program = io.BytesIO(b"\x7fELF" + b"\0" * 200)
    program.name = "a.txt"
    assert "附件已保存" not in client.post(base, {"file": program}, follow=True).content.decode()
    client.post(f"{base}{file.position}/remove/")
    assert not draft.files.filter(position=file.position).exists()


def test_rule_goes_from_the_editor_to_the_public() -> None:
    writer, _ = member(Duty.RULE_EDIT)
    page = shown(writer.post("/staff/rules/new/", rule_fields(in_force_from="2026-01-01")), 400)
    assert "不能早于印发日期" in page and "档案管理办法" in page
    office = writer.get("/staff/rules/new/").content.decode().split('name="offices" value="')[1].split('"')[0]
    assert writer.post("/staff/rules/new/", rule_fields(offices=[office])).status_code == 302
    version = RuleVersion.objects.get()
    step = f"/staff/move/portal.ruleversion/{version.pk}/"
    assert writer.post(step + "submit/").status_code == 302
    assert "另一个人" in shown(writer.post(step + "release/"), 403)
    head, _ = member(Duty.OFFICE_HEAD)
    assert head.post(step + "release/").status_code == 302
    assert "档案管理办法" in shown(Client().get(f"/rules/{version.rule_id}/"))
    sent = {"comment": "不再需要", "confirmed": "yes", "repealed_on": "2026-05-01"}
    assert writer.post(step + "ask_repeal/", sent).status_code == 302
    head, _ = member(Duty.DEPUTY_DIRECTOR)
    assert "先勾选确认" in shown(head.post(step + "repeal/", {**sent, "confirmed": ""}), 400)
    form = shown(head.get(step + "repeal/"))
    assert "失效日期" in form and "由哪项制度代替" in form
    assert "填写" in shown(head.post(step + "repeal/", {"comment": "x", "confirmed": "yes"}), 400)
    done = head.post(step + "repeal/", sent)
    assert done.status_code == 302
    assert "2026年5月1日起废止" in shown(Client().get(f"/rules/{version.rule_id}/"))


def test_rule_list_is_filtered_by_status_office_and_words() -> None:
    client, _ = member(Duty.RULE_EDIT)
    make_version(RuleState.RELEASED, title="现行办法", offices=("finance",))
    make_version(RuleState.REPEALED, title="废止办法", repealed_on=date(2026, 4, 1))
    make_version(RuleState.DRAFT, title="起草办法")
    make_version(RuleState.RELEASED, title="未来办法", in_force_from=date(2099, 1, 1))
    expected = {
        "": {"现行", "废止", "起草", "未来"}, "status=in_force": {"现行"}, "status=ended": {"废止"},
        "status=coming": {"未来"}, "status=draft": {"起草"}, "office=finance": {"现行"}, "q=废止办": {"废止"},
        "status=nothing": set(),
        "q=%00": {"现行", "废止", "起草", "未来"}, "office=%00": {"现行", "废止", "起草", "未来"},
    }  # fmt: skip
    for query, titles in expected.items():
        page = shown(client.get(f"/staff/rules/?{query}"))
        assert {word for word in ("现行", "废止", "起草", "未来") if f"<bdi>{word}办法</bdi>" in page} == titles, query
    assert client.get("/staff/rules/?before=x").status_code == 400


def test_staff_without_the_duty_see_what_is_released_internal_too_and_no_draft() -> None:
    client, _ = member(Duty.INTAKE)
    inner = make_version(RuleState.RELEASED, is_public=False, title="内部办法")
    draft = make_version(RuleState.SUBMITTED, title="待复核办法")
    page = shown(client.get("/staff/rules/"))
    assert "内部办法" in page and "待复核办法" not in page and "新建制度" not in page
    shown(client.get(f"/staff/rules/{inner.pk}/"))
    shown(client.get(f"/staff/rules/{draft.pk}/"), 404)
    shown(client.get("/staff/rules/new/"), 403)
    shown(client.get("/staff/articles/"), 403)
    shown(client.get("/staff/site-watch/"), 403)


def test_draft_is_compared_with_what_is_in_force() -> None:
    client, _ = member(Duty.RULE_EDIT)
    old = make_version(RuleState.RELEASED, text="三日内答复。")
    client.post(f"/staff/rules/{old.pk}/revise/")
    new = RuleVersion.objects.get(state="draft")
    data = rule_fields(text="五日内答复。", offices=[str(o.pk) for o in old.offices.all()])
    assert client.post(f"/staff/rules/{new.pk}/edit/", {**data, "seen": "1"}).status_code == 302
    assert f"/staff/rules/compare/{old.pk}/{new.pk}/" in shown(client.get(f"/staff/rules/{new.pk}/"))
    assert "增加：</span>五" in shown(client.get(f"/staff/rules/compare/{old.pk}/{new.pk}/"))
    other = make_version(RuleState.RELEASED)
    shown(client.get(f"/staff/rules/compare/{old.pk}/{other.pk}/"), 404)
    assert client.get(f"/staff/rules/{old.rule_id}/versions/1/").headers["Location"] == f"/staff/rules/{old.pk}/"


def test_watch_page_says_what_to_do() -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    page = shown(client.get("/staff/site-watch/"))
    assert "第一次巡查" in page and "超期</span>" not in page
    Instance.objects.get_or_create(pk=1, defaults={"kind": Instance.Kind.DEMO, "created_at": timezone.now()})
    began = Instance.objects.values_list("created_at", flat=True).get()
    assert [watch_page(now=began + timedelta(hours=one)).is_late for one in (1, 37)] == [False, True]
    make_published(text="[坏](/nothing/)", now=timezone.now() - timedelta(days=1))
    site_watch(now=timezone.now(), day=None, outside=False)
    page = shown(client.get("/staff/site-watch/"))
    assert "链接打不开（1）" in page and "怎么办" in page and "修订这篇文章" in page and "2周" in page
    assert "还没有巡查过" not in page


def test_watch_page_turns_red_when_nothing_ran_for_two_nights() -> None:
    client, _ = member(Duty.OFFICE_HEAD)
    site_watch(now=timezone.now() - timedelta(days=2), day=None, outside=False)
    assert "已经超过一天半没有巡查" in shown(client.get("/staff/site-watch/"))
    assert WatchRun.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/staff/articles/", 11), ("/staff/articles/published/", 10), ("/staff/rules/", 12), ("/staff/site-watch/", 11)],
)
def test_lists_take_the_same_number_of_queries(
    address: str, queries: int, rows: int, django_assert_num_queries: Any
) -> None:
    client, _ = member(Duty.ARTICLE_EDIT, Duty.RULE_EDIT)
    for _ in range(rows):
        make_draft(writer=make_staff(Duty.ARTICLE_EDIT))
        make_published(text="[坏](/nothing/)")
        make_version(RuleState.RELEASED, offices=("general", "finance"))
    site_watch(now=timezone.now(), day=None, outside=False)
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


@pytest.mark.parametrize("state", ArticleState.values)
def test_every_state_has_a_page(state: str) -> None:
    client, _ = member(Duty.ARTICLE_EDIT)
    draft = make_draft(state)
    assert ArticleState(state).label in shown(client.get(f"/staff/articles/{draft.pk}/"))


@pytest.mark.parametrize("state", RuleState.values)
def test_every_state_of_a_rule_has_a_page(state: str) -> None:
    client, _ = member(Duty.RULE_EDIT)
    version = make_version(state)
    shown(client.get(f"/staff/rules/{version.pk}/"))
    if state != "draft":
        assert "不能修改" in shown(client.get(f"/staff/rules/{version.pk}/edit/"))
