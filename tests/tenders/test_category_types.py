"""The filter offers the types that occur in the chosen category, from a small table that the database keeps."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from portal import fragments
from tenders.models import CategoryType
from tenders.selectors import types_of
from tests.portal.conftest import plain_static
from tests.tenders.factories import make_announcement

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db


def test_types_are_those_of_the_category_and_all_without_one() -> None:
    make_announcement(category="政府采购", type="招标公告")
    make_announcement(category="政府采购", type="更正公告")
    make_announcement(category="工程建设", type="招标公告")
    make_announcement(category="工程建设", type="中标候选人公示")
    assert set(types_of("政府采购")) == {"招标公告", "更正公告"}
    assert set(types_of("工程建设")) == {"招标公告", "中标候选人公示"}
    assert {"招标公告", "更正公告", "中标候选人公示"} <= set(types_of())
    assert types_of("没有这个类别") == []


@pytest.mark.parametrize("rows", [1, 30])
def test_the_announcements_are_not_looked_at(rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        make_announcement(category="政府采购", type="招标公告")
    with django_assert_num_queries(1) as told:
        assert types_of("政府采购") == ["招标公告"]
    assert "FROM tenders_announcement " not in told.captured_queries[0]["sql"].replace('"', "")
    assert CategoryType.objects.count() == 1


def test_page_offers_the_types_of_its_category() -> None:
    make_announcement(category="政府采购", type="采购意向")
    make_announcement(category="工程建设", type="中标候选人公示")
    fragments.forget()
    page = Client().get("/announcements/?category=工程建设").content.decode()
    offered = re.search(r'<select id="field-type".*?</select>', page, re.S)
    assert offered and "中标候选人公示" in offered[0] and "采购意向" not in offered[0]
    everything = Client().get("/announcements/").content.decode()
    assert "采购意向" in everything and "中标候选人公示" in everything


def test_chosen_type_that_does_not_occur_is_kept_in_the_form() -> None:
    make_announcement(category="政府采购", type="采购意向")
    page = Client().get("/announcements/?category=工程建设&type=采购意向").content.decode()
    assert '<option value="采购意向" selected>' in page


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_new_types_at_once_both_succeed() -> None:
    make_announcement(category="政府采购", type="招标公告")
    barrier, errors = threading.Barrier(2), []

    def bring(types: tuple[str, str]) -> None:
        barrier.wait()
        try:
            for name in types:
                make_announcement(category="工程建设", type=name)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring, args=[types]) for types in (("甲类", "乙类"), ("乙类", "甲类"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and set(types_of("工程建设")) == {"甲类", "乙类"}


def test_what_was_not_committed_leaves_no_type() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        make_announcement(category="政府采购", type="招标公告")
        raise RuntimeError
    assert types_of("政府采购") == []
