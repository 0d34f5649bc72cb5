"""What the staff views of this app share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User
from accounts.requests import client_address
from core.errors import BusinessError


def address_of(request: HttpRequest) -> str:
    """The visitor's address, for the audit row."""
    return client_address(request)


def person(request: HttpRequest) -> User:
    """Who asks; only for views that let nobody in without a login."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def number_of(text: Any, what: str = "翻页位置") -> int:
    """A whole number of a query or a form, 0 for none.

    Raises:
        BusinessError: ``bad_number``.
    """
    value = str(text or "")
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise BusinessError(f"{what}无法识别，请从第一页重新开始。", "bad_number")
    return int(value)


def files_again(request: HttpRequest) -> str:
    """What to add to a refusal: no browser puts chosen files back into a form."""
    return "选好的材料没有保留，请重新选择。" if request.FILES else ""


def status_of(error: BusinessError) -> int:
    """The answer's status for a refusal: 403 who may not, 409 not now, 400 wrong input."""
    if error.code in ("not_allowed", "same_person"):
        return 403
    return 409 if error.code in ("wrong_state", "blocked", "changed", "busy", "gone") else 400
