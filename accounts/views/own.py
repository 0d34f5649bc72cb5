"""A person's own account: page, sessions, password, second factor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors, sessions, totp
from accounts.access import duty_required
from accounts.forms import CodeForm, IdentityForm, PasswordForm, attempt
from accounts.models import RecoveryCode
from accounts.services import factors
from accounts.services.login import Result, identity_confirm, sessions_end
from accounts.services.passwords import password_change
from accounts.words import outcome_sentence

both = require_http_methods(["GET", "HEAD", "POST"])
own_page = duty_required(any_staff=True, restricted=True)


def form_page(request: Any, form: Any, title: str, verb: str, **context: Any) -> HttpResponse:
    """The page of one form: 400 when it has errors, 429 while it is locked."""
    shown = {"form": form, "title": title, "verb": verb, **context}
    locked_until = getattr(form, "locked_until", None)
    response = render(request, "staff/form.html", shown, status=429 if locked_until else 400 if form.errors else 200)
    if locked_until:
        response.headers["Retry-After"] = str(max(1, int((locked_until - request.now).total_seconds()) + 1))
    return response


def _confirmed(request: Any, form: Any) -> bool:
    """Is it the person who sits there? Else the form says why not."""
    data = form.cleaned_data
    found = identity_confirm(
        user=request.user,
        password=data["password"],
        code=data.get("code"),
        address=request.address,
        now=request.now,
    )
    if found.result is not Result.DONE:
        form.add_error(None, outcome_sentence(found, step="confirm"))
        form.locked_until = found.locked_until if found.result is Result.LOCKED else None
    return found.result is Result.DONE


@require_safe
@duty_required(any_staff=True)
def account(request: Any) -> HttpResponse:
    """Who I am, which duties I have, how my login is secured."""
    context = {
        "assignments": selectors.assignments_now(now=request.now)
        .filter(user=request.user)
        .select_related("department", "delegated_from"),
        "factor": selectors.factor_confirmed(request.user),
        "codes_left": RecoveryCode.objects.filter(user=request.user, used_at__isnull=True).count(),
        "sessions": selectors.sessions_of(request.user, now=request.now).count(),
    }
    return render(request, "accounts/account.html", context)


@both
@own_page
def session_list(request: Any) -> HttpResponse:
    """My logins: which device, from where, last used when; end one, or all others."""
    mine = sessions.digest(request.session.session_key)
    if request.method == "POST":
        chosen = request.POST.get("session")
        count = sessions_end(
            user=request.user, keys=[chosen] if chosen else None, keep=mine, address=request.address, now=request.now
        )
        messages.success(request, f"已结束 {count} 个登录。" if count else "没有其他登录需要结束。")
        return HttpResponseRedirect(reverse("staff_sessions"))
    context = {"sessions": selectors.sessions_of(request.user, now=request.now), "mine": mine}
    return render(request, "accounts/sessions.html", context)


@sensitive_post_parameters()
@both
@own_page
def password(request: Any) -> HttpResponse:
    """Change the own password; this session goes on under another key, all others end."""
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _confirmed(request, form):
        new = form.cleaned_data["new"]
        attempt(
            form,
            lambda: password_change(user=request.user, new=new, now=request.now, address=request.address),
            bad_password="new",  # noqa: S106 (the field's name)
        )
        if not form.errors:
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改，其他设备上的登录都已结束。")
            return HttpResponseRedirect(reverse("staff_account"))
    due = selectors.password_is_due(request.user, now=request.now)
    return form_page(request, form, "修改密码", "修改密码", lead=PASSWORD_DUE if due else "")


PASSWORD_DUE = "请先修改密码：您用的是临时密码，或密码已满 90 天。改好之后才能办理其他事情。"  # noqa: S105 (a sentence)


@require_safe
@own_page
def factor(request: Any) -> HttpResponse:
    """The second factor: what it is, whether it is in force, the way to set it up."""
    found = selectors.factor_confirmed(request.user)
    context = {
        "factor": found,
        "required": selectors.factor_is_required(request.user, now=request.now),
        "passed": request.session.get(sessions.FACTOR),
        "codes_left": RecoveryCode.objects.filter(user=request.user, used_at__isnull=True).count(),
    }
    return render(request, "accounts/factor.html", context)


@sensitive_post_parameters()
@both
@own_page
def factor_begin(request: Any) -> HttpResponse:
    """Ask who sits there, then make a secret."""
    has_factor = selectors.factor_confirmed(request.user) is not None
    form = IdentityForm(request.POST or None, has_factor=has_factor)
    if form.is_valid() and _confirmed(request, form):
        factors.factor_begin(user=request.user, now=request.now)
        return HttpResponseRedirect(reverse("staff_factor_confirm"))
    title = "换一部手机" if has_factor else "设置第二重验证"
    return form_page(request, form, title, "下一步", lead="先确认是您本人。", cancel=reverse("staff_factor"))


@sensitive_post_parameters()
@both
@own_page
def factor_confirm(request: Any) -> HttpResponse:
    """Scan, type the first code; then the recovery codes are shown once."""
    secret = factors.factor_waiting(request.user)
    if secret is None:
        return HttpResponseRedirect(reverse("staff_factor"))
    form = CodeForm(request.POST or None)
    if form.is_valid() and (codes := attempt(form, lambda: _confirm(request, form), bad_code="code")):
        request.session.cycle_key()
        request.session[sessions.FACTOR] = True
        return render(request, "accounts/recovery_codes.html", {"codes": codes})
    site = settings.CONFIG.SITE_NAME
    address = totp.enrolment_address(secret, username=request.user.username, issuer=site)
    context = {"form": form, "image": totp.enrolment_image(address), "secret": _grouped(totp.base32(secret))}
    return render(request, "accounts/factor_confirm.html", context, status=400 if form.errors else 200)


def _confirm(request: Any, form: CodeForm) -> list[str]:
    code = form.cleaned_data["code"]
    return factors.factor_confirm(user=request.user, code=code, now=request.now, address=request.address)


def _grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@sensitive_post_parameters()
@both
@own_page
def recovery_codes(request: Any) -> HttpResponse:
    """New printed codes; the old ones are void."""
    if selectors.factor_confirmed(request.user) is None:
        return HttpResponseRedirect(reverse("staff_factor"))
    form = IdentityForm(request.POST or None, has_factor=True)
    if form.is_valid() and _confirmed(request, form):
        codes = factors.recovery_codes_renew(user=request.user, now=request.now, address=request.address)
        return render(request, "accounts/recovery_codes.html", {"codes": codes})
    lead = "重新生成后，以前打印的备用码全部作废。"
    return form_page(request, form, "重新生成备用码", "重新生成", lead=lead, cancel=reverse("staff_factor"))
