"""What people enter is what somebody typed; what machines bring may have characters that were lost before."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from core.errors import BusinessError
from core.fields import NOT_READ, not_plain, plain, storable
from core.text import first_not_storable, first_not_typed, require_storable, text_storable


def test_a_character_that_was_lost_is_refused_in_forms() -> None:
    for check in (plain, storable):
        with pytest.raises(ValidationError, match=NOT_READ[:8]):
            check("甲\ufffd乙")
    with pytest.raises(BusinessError, match="没有撤下"):
        require_storable("甲\ufffd", "没有撤下")
    assert not_plain("甲乙") == first_not_typed("甲乙\n") == ""
    assert (first_not_typed("a\ufffd"), first_not_typed("a\x00\ufffd")) == ("\ufffd", "\x00")


def test_what_machines_bring_may_have_it() -> None:
    assert first_not_storable("公告\ufffd") == "" and text_storable("公告\ufffd\x00") == "公告\ufffd\ufffd"
