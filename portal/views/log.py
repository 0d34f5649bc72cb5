"""The transparency log at its public addresses (contracts: transparency log, version 1), and two pages about it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit import log_selectors as log
from audit.log_services import log_open
from core import keys
from core.errors import BusinessError
from portal.context import standard_prefix
from portal.log_words import DAY_ENDS_SHOWN, STEPS, kind_words

# portal.edge keeps no answer that says so: a new checkpoint is seen at once.
OF_THIS_MOMENT = {"Cache-Control": "no-store"}
# The visitor asked rightly; the center has to do something.
OUR_FAULT = {"key_missing", "wrong_log_key", "log_damaged"}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
View = Callable[..., HttpResponse]


def _json(value: dict[str, Any], **options: Any) -> JsonResponse:
    return JsonResponse(value, json_dumps_params={"ensure_ascii": False}, **options)


def answers_json(view: View) -> View:
    """GET and HEAD; a refusal is a 400 with ``{"message", "code"}``, a fault of ours a 503."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BusinessError as error:
            status = 503 if error.code in OUR_FAULT else 400
            return _json({"message": error.message, "code": error.code}, status=status, headers=OF_THIS_MOMENT)

    return require_safe(wrapped)


def number(text: str, name: str) -> int:
    """A count or a leaf's number, as the address has it.

    Raises:
        BusinessError: it is none.
    """
    if not _NUMBER.fullmatch(text):
        space = " " if name.isascii() else ""
        raise BusinessError(f"{name}{space}应是 0 或正整数，用阿拉伯数字写。", "not_a_number")
    return int(text)


def _asked(request: HttpRequest, name: str) -> int:
    values = request.GET.getlist(name)
    if len(values) != 1:
        raise BusinessError(f"缺少 {name}，或给出了不止一个。", "missing")
    return number(values[0], name)


def newest() -> log.LogCheckpoint:
    """The newest checkpoint; the log is opened when nobody has done so yet."""
    found = log.checkpoint_newest()
    if found is None:
        log_open(now=timezone.now())
        found = log.checkpoint_kept(0)
    return found


@answers_json
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, or the kept one of ``size``."""
    if "size" in request.GET:
        return _json(log.checkpoint_json(log.checkpoint_kept(_asked(request, "size"))))
    return _json(log.checkpoint_json(newest()), headers=OF_THIS_MOMENT)


@answers_json
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The day-end checkpoints, oldest first."""
    found = [log.checkpoint_json(one.checkpoint) for one in log.day_ends()]
    return _json({"checkpoints": found}, headers=OF_THIS_MOMENT)


@answers_json
def key(request: HttpRequest) -> HttpResponse:
    """The public key by which every checkpoint that is served can be checked."""
    public = base64.b64encode(keys.public_key()).decode()
    return _json({"algorithm": "ed25519", "public_key": public}, headers=OF_THIS_MOMENT)


@answers_json
def leaves(request: HttpRequest) -> HttpResponse:
    """The leaves of a half-open range, the first 1,000 of a longer one."""
    found = log.leaves_read(_asked(request, "start"), _asked(request, "end"))
    return _json({"leaves": [base64.b64encode(one).decode() for one in found]})


@answers_json
def inclusion(request: HttpRequest) -> HttpResponse:
    """A leaf, and the proof that it is in the tree."""
    leaf, proof = log.inclusion(_asked(request, "seq"), _asked(request, "size"))
    return _json({"leaf": base64.b64encode(leaf).decode(), "proof": [one.hex() for one in proof]})


@answers_json
def consistency(request: HttpRequest) -> HttpResponse:
    """The proof that one tree extends another."""
    proof = log.consistency(_asked(request, "first"), _asked(request, "second"))
    return _json({"proof": [one.hex() for one in proof]})


@answers_json
def receipt(request: HttpRequest, seq: str) -> HttpResponse:
    """The receipt of one leaf (存证凭证)."""
    return _json(log.receipt(number(seq, "序号")))


@answers_json
def log_object(request: HttpRequest, seq: str) -> HttpResponse:
    """The bytes of a thing that has no page of its own, exactly as logged."""
    return HttpResponse(log.object_content(number(seq, "序号")), content_type="application/json")


def _before(request: HttpRequest) -> date | None:
    """The day before which the list of day ends goes on. Raises BusinessError."""
    text = request.GET.get("before", "")
    if not text:
        return None
    try:
        # Python reads other forms of ISO 8601, too: an address has one.
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, no moment)
    except ValueError:
        raise BusinessError("日期应写成 2026-03-02 这样，请从第一页重新翻看。", "bad_date") from None


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """公开存证: the newest checkpoint in words, what it proves, how to keep it."""
    checkpoint, before = newest(), _before(request)
    ends = log.day_ends_newest(DAY_ENDS_SHOWN + 1, before=before)
    context = {
        "checkpoint": checkpoint, "ends": ends[:DAY_ENDS_SHOWN], "last": log.day_end_printed(), "before": before,
        "older": ends[DAY_ENDS_SHOWN - 1].day if len(ends) > DAY_ENDS_SHOWN else None,
        "public_key": base64.b64encode(keys.public_key()).decode(),
    }  # fmt: skip
    return HttpResponse(render_to_string("portal/log.html", context, request), headers=OF_THIS_MOMENT)


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """凭证核验: the visitor's browser fetches leaf, proof, checkpoint and key and computes all of it anew."""
    seq = request.GET.get("seq", "")
    facts = log.leaf_facts(number(seq.strip(), "凭证号")) if seq else None
    context: dict[str, Any] = {"facts": facts, "prefix": standard_prefix(), "steps": STEPS}
    if facts:
        context |= {"kind": kind_words(facts.kind), "address": standard_prefix() + facts.address}
        context["redaction"] = log.redaction_seq(facts.ref) if facts.kind in log.MASKABLE_KINDS else None
    return render(request, "portal/log_verify.html", context)
