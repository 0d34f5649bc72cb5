"""The questionnaire as the public sees it: no cookie, no script, no copy kept, one answer a code, nothing lost."""

from __future__ import annotations

import io
import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.fields import NOT_READ
from performance.models import Survey, SurveyToken
from performance.selectors.surveys import questions_of, today_of
from performance.services import survey_answers
from performance.services.survey_slips import page_new, slips_make
from portal.views import surveys as views
from tests.performance.survey_factories import QUESTIONS, Cast, answers_of, make_survey, survey_close
from tests.portal.conftest import plain_static
from trading_center.logs import JsonFormatter, TextFormatter

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def client() -> Client:
    # An address of its own: tests side by side count together.
    return Client(REMOTE_ADDR=f"198.51.{timezone.now().microsecond % 250}.{timezone.now().microsecond // 4000}")


def make(cast: Cast, **more: Any) -> Survey:
    """An open survey of these days."""
    now = timezone.now()
    days = {"opens_on": today_of(now) - timedelta(days=1), "closes_on": today_of(now) + timedelta(days=1)}
    return make_survey("open", cast=cast, now=now, **{**days, **more})


def code_of(survey: Survey, cast: Cast) -> str:
    made = slips_make(survey=survey, count=1, page=page_new(), by=cast.maker, now=timezone.now())
    return made.codes[0]


def answer(survey: Survey, *points: str) -> dict[str, Any]:
    """A form as a browser sends it."""
    return {f"q{one.pk}": point for one, point in zip(questions_of(survey), points, strict=False)}


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:2000]
    assert response.cookies == {} and "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer" and response.headers["X-Robots-Tag"] == "noindex"
    text = str(response.content.decode())
    assert "<script" not in text and "style=" not in text and "csrf" not in text
    return text


def ticket_in(text: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def sent(response: Any) -> None:
    """The answer was taken: the browser is led to the thanks."""
    assert (response.status_code, response.headers["Location"]) == (303, "/survey/thanks/")


def test_a_slip_shows_the_questions_and_takes_one_answer(client: Client, cast: Cast) -> None:
    survey = make(cast, intro="不记名。")
    address = f"/survey/t/{code_of(survey, cast)}/"
    text = page(client.get(address))
    wanted = [
        "窗口服务满意度调查",
        "不记名。",
        "1. 您对服务态度的评价",
        "很满意",
        "很不满意",
        "6. 您的意见",
        "（选答）",
    ]
    for words in (*wanted, "1 / 6"):
        assert words in text
    sent(client.post(address, answer(survey, "5", "4", "yes")))
    assert "谢谢，答卷已经收到" in page(client.get("/survey/thanks/"))
    assert "已经收到，谢谢" in page(client.post(address, answer(survey, "1", "1", "no")), 409)
    assert "已经收到，谢谢" in page(client.get(address))
    assert [one.values for one in answers_of(survey)] == [
        {str(one.pk): value for one, value in zip(questions_of(survey), ("5", "4", "yes"), strict=False)}
    ]


def test_nothing_that_was_filled_is_lost_when_something_is_missing(client: Client, cast: Cast) -> None:
    survey = make(cast)
    address, keys = f"/survey/t/{code_of(survey, cast)}/", [one.pk for one in questions_of(survey)]
    data = {**answer(survey, "2"), f"q{keys[4]}": ["0", "1"], f"q{keys[5]}": "请改进"}
    text = page(client.post(address, data), 400)
    assert views.WRONG in text and text.count("这道题要回答。") == 2
    assert f'href="#id_q{keys[1]}"' in text and f'aria-describedby="id_q{keys[1]}_error"' in text
    assert re.search(rf'name="q{keys[0]}" value="2"[^>]*checked', text) and "请改进</textarea>" in text
    assert len(re.findall(rf'name="q{keys[4]}"[^>]*checked', text)) == 2
    sent(client.post(address, {**data, f"q{keys[1]}": "3", f"q{keys[2]}": "no"}))


@pytest.mark.parametrize(
    "data", [{}, {"q0": "5"}, {"ticket": "x" * 5000}, {"q1": "\x00"}, {"q99999999999999999999": "1"}]
)
def test_strange_forms_are_refused_in_words(client: Client, cast: Cast, data: dict[str, str]) -> None:
    survey = make(cast)
    page(client.post(f"/survey/t/{code_of(survey, cast)}/", data), 400)
    page(client.post(f"/survey/{survey.code}/", data), 400)
    assert not answers_of(survey)


def test_long_texts_and_control_characters_are_told_beside_their_field(client: Client, cast: Cast) -> None:
    survey = make(cast)
    key = questions_of(survey)[5].pk
    for text, said in (("长" * 501, "超过 500 字"), ("a\x07b", "控制字符")):
        data = {**answer(survey, "5", "4", "yes"), f"q{key}": text}
        assert said in page(client.post(f"/survey/t/{code_of(survey, cast)}/", data), 400)


def test_a_showing_of_the_poster_is_good_for_one_answer_and_writes_nothing(client: Client, cast: Cast) -> None:
    survey = make(cast)
    address = f"/survey/{survey.code}/"
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = page(client.get(address))
    assert not [one for one in queries.captured_queries if not one["sql"].startswith("SELECT")]
    one, two = ticket_in(first), ticket_in(page(client.get(address)))
    assert one != two and not SurveyToken.objects.exists()
    data = answer(survey, "5", "4", "yes")
    sent(client.post(address, {**data, "ticket": one}))
    assert "已经收到" in page(client.post(address, {**data, "ticket": one}), 409)
    sent(client.post(address, {**data, "ticket": two}))
    assert [one.channel for one in answers_of(survey)] == ["poster"] * 2


def test_an_old_page_of_the_poster_is_renewed_with_what_was_filled(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = make(cast)
    address, data = f"/survey/{survey.code}/", answer(survey, "5", "4", "yes")
    old = ticket_in(page(client.get(address)))
    with monkeypatch.context() as later:
        later.setattr(survey_answers, "TICKET_SECONDS", -1)
        text = page(client.post(address, {**data, "ticket": old}), 400)
    assert survey_answers.EXPIRED in text and text.count("checked") == 3
    sent(client.post(address, {**data, "ticket": ticket_in(text)}))


def test_a_wrong_form_keeps_its_ticket(client: Client, cast: Cast) -> None:
    survey = make(cast)
    ticket = ticket_in(page(client.get(f"/survey/{survey.code}/")))
    assert ticket_in(page(client.post(f"/survey/{survey.code}/", {"ticket": ticket}), 400)) == ticket


def test_closed_or_coming_surveys_are_told_in_a_sentence(client: Client, cast: Cast) -> None:
    survey, today = make(cast), today_of(timezone.now())
    code = code_of(survey, cast)
    survey_close(survey, cast=cast, now=timezone.now())
    for address in (f"/survey/t/{code}/", f"/survey/{survey.code}/"):
        assert "已经结束" in page(client.get(address))
        assert "已经结束" in page(client.post(address, answer(survey, "5", "5", "yes")), 409)
    coming = make(cast, opens_on=today + timedelta(days=1))
    assert "开始，请到时再来" in page(client.get(f"/survey/{coming.code}/"))
    over = make(cast, closes_on=today - timedelta(days=1), opens_on=today - timedelta(days=2))
    assert "截止，不再收答卷" in page(client.get(f"/survey/{over.code}/"))
    for state in ("drafting", "submitted", "discarded"):
        hidden = make_survey(state, cast=cast, now=timezone.now())
        assert views.NO_SURVEY in page(client.get(f"/survey/{hidden.code}/"), 404)


def test_a_survey_without_a_poster_asks_for_the_code(client: Client, cast: Cast) -> None:
    survey = make(cast, has_poster=False)
    text = page(client.get(f"/survey/{survey.code}/"))
    assert views.BY_SLIP in text and 'name="code"' in text


def test_codes_are_typed_however_one_likes(client: Client, cast: Cast) -> None:
    survey = make(cast)
    code = code_of(survey, cast)
    assert 'name="code"' in page(client.get("/survey/"))
    for typed, address in ((code.lower().replace("-", " "), f"/survey/t/{code}/"),
                           (survey.code.lower(), f"/survey/{survey.code}/")):  # fmt: skip
        assert client.get("/survey/", {"code": typed}).headers["Location"] == address
    page(client.get(f"/survey/t/{code.replace('-', '').lower()}/"))
    page(client.get(f"/survey/{survey.code.lower()}/"))
    assert survey_answers.UNKNOWN in page(client.get("/survey/", {"code": "没有"}), 404)


@pytest.mark.parametrize("code", ["3333-3333-3333-3333", "x", "%00", "AAAAAAAA", "<b>", "a" * 500])
def test_unknown_codes_are_a_page_of_their_own(client: Client, code: str) -> None:
    for address in (f"/survey/t/{code}/", f"/survey/{code}/", f"/survey/?code={code}"):
        text = page(client.get(address, follow=True), 404)
        assert "<b>" not in text and 'name="code"' in text


def test_guessing_is_limited_and_valid_codes_are_not_locked_out(client: Client, cast: Cast) -> None:
    survey = make(cast)
    for _ in range(views.MOST_UNKNOWN):
        page(client.get("/survey/t/3333-3333-3333-3333/"), 404)
    answered = client.get("/survey/t/3333-3333-3333-3333/")
    assert views.TOO_MANY_GUESSES in page(answered, 429) and answered.headers["Retry-After"] == "600"
    sent(client.post(f"/survey/t/{code_of(survey, cast)}/", answer(survey, "5", "4", "yes")))


def test_whoever_is_limited_loses_nothing(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    survey, data = make(cast), {}
    data = answer(survey, "5", "4", "yes")
    monkeypatch.setattr(views, "MOST_BY_POSTER", 1)
    tickets = [ticket_in(page(client.get(f"/survey/{survey.code}/"))) for _ in range(2)]
    sent(client.post(f"/survey/{survey.code}/", {**data, "ticket": tickets[0]}))
    answered = client.post(f"/survey/{survey.code}/", {**data, "ticket": tickets[1]})
    text = page(answered, 429)
    assert views.TOO_OFTEN in text and answered.headers["Retry-After"] == "600" and text.count("checked") == 3
    assert ticket_in(text) == tickets[1] and len(answers_of(survey)) == 1
    # Slips are counted by themselves.
    sent(client.post(f"/survey/t/{code_of(survey, cast)}/", data))


def test_other_methods_are_refused_and_head_is_answered(client: Client, cast: Cast) -> None:
    survey = make(cast)
    assert client.put(f"/survey/{survey.code}/").status_code == 405
    assert client.post("/survey/").status_code == 405
    assert client.head(f"/survey/{survey.code}/").status_code == 200


def test_large_print_keeps_the_prefix(client: Client, cast: Cast) -> None:
    survey = make(cast)
    address = f"/large/survey/t/{code_of(survey, cast)}/"
    assert '<html lang="zh-CN" class="large">' in page(client.get(address))
    answered = client.post(address, answer(survey, "5", "4", "yes"))
    assert (answered.status_code, answered.headers["Location"]) == (303, "/large/survey/thanks/")


def test_the_questions_ask_a_fixed_number_of_queries(client: Client, cast: Cast) -> None:
    counts = []
    for number in (1, 3):
        survey = make(cast, questions=QUESTIONS[:number])
        code = code_of(survey, cast)
        page(client.get(f"/survey/t/{code}/"))  # what is remembered once is remembered now
        with CaptureQueriesContext(connection) as queries:
            page(client.get(f"/survey/t/{code}/"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_bytes_that_are_no_text_are_refused_and_a_query_with_them_is_answered(client: Client, cast: Cast) -> None:
    survey = make(cast)
    address, key = f"/survey/t/{code_of(survey, cast)}/", questions_of(survey)[5].pk
    body = urlencode({**answer(survey, "5", "4", "yes"), f"q{key}": b"\xc4\xe3\xba\xc3"})
    kind = "application/x-www-form-urlencoded"
    assert NOT_READ in page(client.post(address, body, content_type=kind), 400)
    assert not answers_of(survey)
    page(client.get("/survey/?code=%C4%E3"), 404)


def test_a_poster_takes_so_many_on_a_day_and_slips_go_on(client: Client, cast: Cast) -> None:
    survey = make(cast, poster_daily=1)
    data, address = answer(survey, "5", "4", "yes"), f"/survey/{survey.code}/"
    tickets = [ticket_in(page(client.get(address))) for _ in range(2)]
    sent(client.post(address, {**data, "ticket": tickets[0]}))
    text = page(client.post(address, {**data, "ticket": tickets[1]}), 429)
    assert views.TOO_MANY_TODAY in text and ticket_in(text) == tickets[1] and text.count("checked") == 3
    sent(client.post(f"/survey/t/{code_of(survey, cast)}/", data))
    assert sorted(one.channel for one in answers_of(survey)) == ["link", "poster"]


def test_one_address_scans_six_times_in_ten_minutes(client: Client, cast: Cast) -> None:
    survey = make(cast)
    data, address = answer(survey, "5", "4", "yes"), f"/survey/{survey.code}/"
    for _ in range(6):
        sent(client.post(address, {**data, "ticket": ticket_in(page(client.get(address)))}))
    page(client.post(address, {**data, "ticket": ticket_in(page(client.get(address)))}), 429)
    assert len(answers_of(survey)) == 6


def _handlers() -> list[logging.StreamHandler[Any]]:
    """Where the process's own lines go (pytest's handlers have other formatters)."""
    names = ("", "django", "django.request", "django.server", "django.security")
    found = [one for name in names for one in logging.getLogger(name).handlers]
    return [one for one in found if type(one) is logging.StreamHandler]


@pytest.mark.parametrize("form", [TextFormatter, JsonFormatter])
def test_no_line_of_a_log_has_the_code_of_a_slip(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, form: type[logging.Formatter]
) -> None:
    survey, lines, handlers = make(cast), io.StringIO(), _handlers()
    assert [type(one.formatter) for one in handlers] in ([TextFormatter], [JsonFormatter])
    monkeypatch.setattr(handlers[0], "formatter", form())
    monkeypatch.setattr(handlers[0], "stream", lines)
    code = code_of(survey, cast)
    for address in (f"/survey/t/{code}/", f"/large/survey/t/{code.lower()}/", f"/survey/t/{code.replace('-', ' ')}/"):
        page(client.post(address, {}), 400)
        assert client.put(address).status_code == 405
    sent(client.post(f"/survey/t/{code}/", answer(survey, "5", "4", "yes")))
    page(client.post(f"/survey/t/{code}/", {}), 409)
    page(client.get("/survey/t/3333-3333-3333-3333/"), 404)
    assert client.get("/survey/?code=3333-3333-3333-3333").status_code == 302
    logging.getLogger("django.server").info('"GET /survey/t/%s/ HTTP/1.1" 200', code)
    written = lines.getvalue()
    assert written.count("/survey/t/<code>/") >= 9
    for part in [*code.split("-"), "3333"]:
        assert part.lower() not in written.lower()
