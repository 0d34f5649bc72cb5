"""Accounts as administrators see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import selectors
from accounts.access import View, duty_required
from accounts.duties import ADMINISTRATORS, Duty
from accounts.forms import PersonForm, attempt
from accounts.models import User
from accounts.services import guards, people
from accounts.views.own import both, form_page


@require_safe
@duty_required(*ADMINISTRATORS)
def people_list(request: Any) -> HttpResponse:
    """Everybody on the staff, with duties and the state of the account."""
    query = request.GET.get("q", "").replace("\x00", "")[:100]
    context = {"people": selectors.people_list(now=request.now, query=query), "query": query}
    return render(request, "accounts/people.html", context)


@both
@duty_required(Duty.SYSTEM_ADMIN)
def person_create(request: Any) -> HttpResponse:
    """A new account; its temporary password is shown once."""
    form = PersonForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        fields = {"bad_username": "username", "taken": "username", "bad_name": "name", "bad_employer": "employer"}
        made = attempt(
            form,
            lambda: people.account_create(**data, by=request.user, now=request.now, address=request.address),
            **fields,
        )
        if made:
            user, temporary = made
            return _once(request, user, temporary, "账号已建立。职责由安全管理员另行授予。")
    return form_page(request, form, "新建账号", "建立账号", cancel=reverse("staff_people"))


def _once(request: Any, user: User, password: str, lead: str) -> HttpResponse:
    return render(request, "accounts/password_once.html", {"person": user, "password": password, "lead": lead})


@require_safe
@duty_required(*ADMINISTRATORS)
def person_detail(request: Any, pk: int) -> HttpResponse:
    """One account: state, duties, what may be done with it."""
    person = get_object_or_404(selectors.people_list(now=request.now), pk=pk)
    keys = (guards.account_key(person.username), guards.code_key(person), guards.confirm_key(person))
    context = {
        "person": person,
        "assignments": selectors.assignments_listed(now=request.now, user=person),
        "delegations": selectors.delegations_listed(now=request.now, user=person),
        "locked_until": max(filter(None, (selectors.locked_until(k, now=request.now) for k in keys)), default=None),
        "acts": [(name, act) for name, act in ACTS.items() if act.duty in request.duties and act.fits(person)],
    }
    return render(request, "accounts/person.html", context)


@dataclass(frozen=True)
class Act:
    """Something dangerous that an administrator does to an account, after a page that asks."""

    duty: Duty
    verb: str
    sentence: str
    service: Callable[..., Any]
    done: str
    fits: Callable[[User], bool] = lambda user: user.is_active


ACTS = {
    "close": Act(
        Duty.SYSTEM_ADMIN,
        "停用账号",
        "停用后，这个人立即退出，不能再登录，他的职责不再有效。已办的事情和记录都保留，以后可以重新启用。",
        people.account_close,
        "账号已停用。",
    ),
    "open": Act(
        Duty.SYSTEM_ADMIN,
        "启用账号",
        "启用后，这个人可以登录，没有结束的职责重新有效。",
        people.account_open,
        "账号已启用。",
        lambda user: not user.is_active,
    ),
    "unlock": Act(
        Duty.SYSTEM_ADMIN,
        "解除锁定",
        "清除登录失败的次数，马上可以再登录。请先确认是本人来电。",
        people.account_unlock,
        "锁定已解除。",
    ),
    "password": Act(
        Duty.SYSTEM_ADMIN,
        "重置密码",
        "生成一个临时密码，只显示一次；这个人在各处的登录都会结束，下次登录后必须改密码。",
        people.password_reset,
        "",
    ),
    "factor": Act(
        Duty.SECURITY_ADMIN,
        "重置第二重验证",
        "手机丢失又没有备用码时使用。现有的第二重验证和备用码作废，这个人在各处的登录都会结束。请当面核实本人。",
        people.factor_reset,
        "第二重验证已重置，本人下次登录后重新设置。",
    ),
}


def person_act(name: str) -> View:
    """The view of one act: GET asks, POST does."""
    act = ACTS[name]

    @both
    @duty_required(act.duty)
    def view(request: Any, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk, kind=User.Kind.STAFF)
        back = reverse("staff_person", args=[pk])
        if request.method != "POST":
            context = {"title": f"{act.verb}：{person}", "sentence": act.sentence, "verb": act.verb, "cancel": back}
            return render(request, "staff/confirm.html", context)
        result = act.service(user=person, by=request.user, now=request.now, address=request.address)
        if name == "password":
            return _once(request, person, result, "密码已重置。")
        messages.success(request, f"{person}：{act.done}")
        return HttpResponseRedirect(back)

    return view
