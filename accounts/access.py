"""Who may open a staff page: declared at the view, checked before it runs, walked by a test and at start-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sessions
from accounts.duties import SECOND_FACTOR, Duty
from accounts.once import once
from accounts.selectors import duties_of, password_is_due
from audit.denials import denial_record

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Requirement:
    """What a staff view asks for: one of ``duties``, any member of staff, or nothing (``public``: the login).

    ``restricted`` pages stay open to who must first change the password or set up the second factor.
    """

    duties: frozenset[Duty] = frozenset()
    any_staff: bool = False
    public: bool = False
    restricted: bool = False

    def allows(self, held: frozenset[Duty]) -> bool:
        """May somebody logged in with these duties open it?"""
        return self.public or self.any_staff or bool(self.duties & held)


@dataclass(frozen=True)
class StaffAddress:
    """One address below /staff/: its pattern, the name to reverse it by, and what its view asks for."""

    route: str
    name: str
    requirement: Requirement | None


def duty_required(*duties: Duty, any_staff: bool = False, restricted: bool = False) -> Callable[[View], View]:
    """Open a view to who has one of ``duties`` now, or to all staff; sets ``request.duties``.

    Anonymous visitors go to the login, staff without the duty get a 403 page that says whom to ask.

    Raises:
        ValueError: neither duties nor ``any_staff``: a view open to nobody or to all by mistake.
    """
    if bool(duties) == any_staff:
        raise ValueError("either duties or any_staff")
    requirement = Requirement(frozenset(duties), any_staff=any_staff, restricted=restricted)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if refusal := _refusal(request, requirement):
                return refusal
            return once(request, lambda: view(request, *args, **kwargs), now=request.now)  # type: ignore[attr-defined]

        checked.staff_requirement = requirement  # type: ignore[attr-defined]
        return checked

    return decorate


def staff_public(view: View) -> View:
    """Mark a view below /staff/ that needs no login."""
    view.staff_requirement = Requirement(public=True)  # type: ignore[attr-defined]
    return view


def _refusal(request: HttpRequest, requirement: Requirement) -> HttpResponse | None:
    user: Any = request.user
    # Organisations and experts get sessions in step 5: they are nobody here.
    if not user.is_authenticated or user.kind != "staff":
        return _to_login(request)
    held = duties_of(user, now=request.now)  # type: ignore[attr-defined]
    request.duties = held  # type: ignore[attr-defined]
    _rotate_on_change(request, held)
    if not requirement.restricted and (stop := _first_do(request, held)):
        return HttpResponseRedirect(reverse(stop))
    if requirement.allows(held):
        return None
    _note_denial(request)
    wanted = [duty.label for duty in Duty if duty in requirement.duties]
    return render(request, "staff/denied.html", {"wanted": wanted}, status=403)


def _note_denial(request: Any) -> None:
    """A page that somebody has no duty for is no accident when it happens often: the audit administrator sees it."""
    match = request.resolver_match
    denial_record(
        by=request.user, route=match.route if match else "", method=request.method or "", address=request.address,
        now=request.now,
    )  # fmt: skip


def _to_login(request: HttpRequest) -> HttpResponse:
    query = {"next": request.get_full_path()} if request.method in ("GET", "HEAD") else {}
    if ended := getattr(request, "session_ended", ""):
        query["ended"] = ended
    return HttpResponseRedirect(reverse("staff_login") + (f"?{urlencode(query)}" if query else ""))


def _rotate_on_change(request: HttpRequest, held: frozenset[Duty]) -> None:
    """Rights have changed since this session was last used: it goes on under another key."""
    told = ",".join(sorted(held))
    if request.session.get(sessions.DUTIES) != told:
        if sessions.DUTIES in request.session:
            request.session.cycle_key()
        request.session[sessions.DUTIES] = told


def _first_do(request: Any, held: frozenset[Duty]) -> str:
    """The page that comes before all others: a new password, then the second factor; empty when there is none."""
    if password_is_due(request.user, now=request.now):
        return "staff_password"
    if held & SECOND_FACTOR and not request.session.get(sessions.FACTOR):
        return "staff_factor"
    return ""


def safe_next(request: HttpRequest, address: str) -> str:
    """``address`` when it is a staff page of this site, else the start page."""
    home = reverse("staff_home")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    path = address.split("?", 1)[0].split("#", 1)[0]
    inside = path.startswith(home) and ".." not in path and "\\" not in path
    return address if is_ours and inside else home


def staff_addresses() -> list[StaffAddress]:
    """Every address below /staff/ with its requirement (None: not declared)."""
    return [found for found in _walk(get_resolver(), "", "") if found.route.startswith("staff/")]


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[StaffAddress]:
    for item in resolver.url_patterns:
        route = before + str(item.pattern)
        if isinstance(item, URLPattern):
            name = f"{space}{item.name}" if item.name else ""
            yield StaffAddress(route, name, getattr(item.callback, "staff_requirement", None))
        else:
            yield from _walk(item, route, f"{space}{item.namespace}:" if item.namespace else space)
