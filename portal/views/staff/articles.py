"""Articles and guides: lists, the sheet, the editor, revising and withdrawing what is published."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from portal.guides import GUIDES, ROLES, Role, role_named
from portal.models import Article, ArticleDraft, Column
from portal.prose import prose_html
from portal.scanning import remarks
from portal.selectors.articles import guide_versions, is_withdrawn, newest_version
from portal.selectors.drafts import draft_page, published_page
from portal.services import articles as services
from portal.staff_forms import ArticleForm
from portal.states import ArticleState
from portal.views.staff import common
from portal.views.staff.common import now_of, sheet, who
from workflow.views.common import number_of, status_of

SEE = (Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD, Duty.DEPUTY_DIRECTOR, Duty.DIRECTOR)
RELEASE = (Duty.ARTICLE_EDIT, Duty.OFFICE_HEAD)
FILTERS = ("state", "column", "q")


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:100].replace("\x00", "") for name in FILTERS}


@duty_required(*SEE)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """Sheets, newest first, and the guides."""
    query = _filters(request)
    rows, following = draft_page(
        common.rows_for(request, ArticleDraft), state=query["state"], column=query["column"], words=query["q"],
        before=number_of(request.GET.get("before")),
    )  # fmt: skip
    context = {
        "rows": rows, "next": following, "query": query, "columns": Column.objects.all(),
        "states": ArticleState.choices, "roles": ROLES,
    }  # fmt: skip
    return render(request, "portal/staff/article_list.html", context)


@duty_required(*SEE)
@require_GET
def published_list(request: HttpRequest) -> HttpResponse:
    """What stands on the site, imported articles too."""
    query = _filters(request)
    rows, following = published_page(
        now=now_of(request), column=query["column"], words=query["q"], before=number_of(request.GET.get("before"))
    )
    context = {"rows": rows, "next": following, "query": query, "columns": Column.objects.all()}
    return render(request, "portal/staff/article_published.html", context)


@duty_required(*SEE)
@require_GET
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet as it will look, its files, moves and history."""
    draft = sheet(request, ArticleDraft, pk)
    newest = newest_version(draft.article) if draft.article else None
    context = {
        **common.sheet_context(request, draft),
        "draft": draft,
        "text": prose_html(draft.text),
        "files": draft.files.all(),
        "remarks": remarks(f"{draft.title}\n{draft.text}", now=now_of(request)),
        "role": role_named(draft.role),
        "newer": newest if newest and newest.pk != draft.article_id else None,
    }
    return render(request, "portal/staff/article_detail.html", context)


def _editor(request: HttpRequest, form: ArticleForm, save: Any, **context: Any) -> HttpResponse:
    text = prose_html(form.data.get("text", "")) if form.is_bound else ""
    return common.editor(request, form, save, "portal/staff/article_edit.html", text=text, **context)


@duty_required(Duty.ARTICLE_EDIT)
@require_http_methods(["GET", "POST"])
def draft_new(request: HttpRequest) -> HttpResponse:
    """Begin an article."""
    column = Column.objects.filter(slug=request.GET.get("column", "")[:50].replace("\x00", "")).first()
    start = {"column": column, "source": common.person(request).employer or _center()}
    form = ArticleForm(request.POST or None, initial=start)
    return _editor(request, form, lambda: services.draft_create(**form.values(), **who(request)), heading="新建文章")


def _center() -> str:
    return str(settings.CONFIG.SITE_NAME)


@duty_required(Duty.ARTICLE_EDIT)
@require_http_methods(["GET", "POST"])
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a sheet that is drafted."""
    draft = sheet(request, ArticleDraft, pk)
    start = {name: getattr(draft, name) for name in services.FIELDS}
    form = ArticleForm(request.POST or None, initial=start, role=draft.role)
    context = common.sheet_context(request, draft)

    def save() -> ArticleDraft:
        services.draft_edit(draft, data=form.values(), seen=common.seen_of(request), **who(request))
        return draft

    return _editor(request, form, save, heading="修改文章", **context)


@duty_required(Duty.ARTICLE_EDIT)
@require_POST
def draft_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file."""
    draft = sheet(request, ArticleDraft, pk)
    add = partial(services.draft_file_add, draft=draft, **who(request))
    return common.file_post(request, add, common.back_to("staff_article", pk))


@duty_required(*SEE)
@require_GET
def draft_file_open(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """A file of a sheet."""
    return common.file_of(sheet(request, ArticleDraft, pk), position)


@duty_required(Duty.ARTICLE_EDIT)
@require_POST
def draft_file_drop(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Take a file away."""
    draft = sheet(request, ArticleDraft, pk)
    drop = partial(services.draft_file_remove, draft=draft, position=position, **who(request))
    return common.file_drop(request, drop, common.back_to("staff_article", pk))


def _published(pk: int) -> Article:
    found = Article.objects.select_related("column").filter(pk=pk).first()
    if found is None:
        raise Http404(f"没有编号为 {pk} 的文章")
    return found


def _begun(request: HttpRequest, begin: Any, back: str) -> HttpResponse:
    """Begin a sheet and open its editor; a refusal is told on the page one came from."""
    try:
        return HttpResponseRedirect(common.back_to("staff_article_edit", begin().pk))
    except BusinessError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(back)


@duty_required(Duty.ARTICLE_EDIT)
@require_POST
def article_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a published article."""
    begin = partial(services.article_revise, article=_published(pk), **who(request))
    return _begun(request, begin, common.back_to("staff_article_published_one", pk))


@duty_required(*SEE)
@require_GET
def article_published(request: HttpRequest, pk: int) -> HttpResponse:
    """A published article as staff see it: what can be done with it."""
    article = _published(pk)
    duties = request.duties  # type: ignore[attr-defined]
    context = {
        "article": article, "withdrawn": is_withdrawn(article), "newest": newest_version(article),
        "may_revise": Duty.ARTICLE_EDIT in duties, "may_withdraw": bool(duties & set(RELEASE)) and not article.role,
        "open": article.drafts.filter(state__in=("draft", "submitted")).first(),
    }  # fmt: skip
    return render(request, "portal/staff/article_one.html", context)


@duty_required(*RELEASE)
@require_http_methods(["GET", "POST"])
def article_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The first person asks with a reason, another one confirms: then the article is gone from the site."""
    article, error, status = _published(pk), "", 200
    asked = services.withdrawal_request(article)
    reason = request.POST.get("reason", asked[2] if asked else "")
    if request.method == "POST":
        try:
            if request.POST.get("confirmed") != "yes":
                raise BusinessError("不能撤下：请先勾选确认。", "unconfirmed")
            step = services.article_withdraw if asked else services.article_withdraw_ask
            step(article=article, reason=reason, **who(request))
            messages.success(request, "已撤下。" if asked else "已申请撤下，请由另一个人确认。")
            return HttpResponseRedirect(common.back_to("staff_article_published_one", pk))
        except BusinessError as refusal:
            error, status = refusal.message, status_of(refusal)
    context = {"article": article, "error": error, "reason": reason, "asked": asked}
    return render(request, "portal/staff/article_withdraw.html", context, status=status)


def _guide_begin(request: HttpRequest, role: Role) -> ArticleDraft:
    versions = guide_versions(role.slug, now=now_of(request))
    if versions:
        return services.article_revise(article=newest_version(versions[-1]), **who(request))
    column = Column.objects.get(slug=GUIDES)
    return services.draft_create(
        column=column, title=role.title, text=role.text, source=_center(), role=role.slug, **who(request)
    )


@duty_required(Duty.ARTICLE_EDIT)
@require_POST
def guide_revise(request: HttpRequest, role: str) -> HttpResponse:
    """Begin the next version of a guide; the first one stands in the code."""
    found = role_named(role)
    if found is None:
        raise Http404(f"没有 {role} 的办事指南")
    return _begun(request, partial(_guide_begin, request, found), reverse("staff_articles"))
