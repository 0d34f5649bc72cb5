"""The list of wrong and sensitive words, edited by those who check announcements."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import duty_required
from accounts.duties import Duty
from accounts.forms import attempt
from tenders.forms import ScanWordForm
from tenders.models import ScanWord
from tenders.services.words import word_save
from tenders.views.common import now_of
from workflow.views.common import address_of, person


@duty_required(Duty.ANNOUNCEMENT_CHECK)
@require_GET
def word_list(request: HttpRequest) -> HttpResponse:
    """Every word by kind."""
    groups: dict[str, list[ScanWord]] = {label: [] for label in ScanWord.Kind.labels}
    for word in ScanWord.objects.all():
        groups[str(word.get_kind_display())].append(word)
    return render(request, "tenders/word_list.html", {"groups": groups})


@duty_required(Duty.ANNOUNCEMENT_CHECK)
@require_http_methods(["GET", "POST"])
def word_edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Add a word, or change one."""
    word = get_object_or_404(ScanWord, pk=pk) if pk else ScanWord()
    form = ScanWordForm(request.POST or None, instance=word)
    who = {"by": person(request), "now": now_of(request), "address": address_of(request)}
    if form.is_valid() and attempt(form, lambda: word_save(word=form.save(commit=False), **who), taken="word"):
        messages.success(request, f"已保存“{form.cleaned_data['word']}”。")
        return HttpResponseRedirect(reverse("staff_words"))
    context = {
        "form": form,
        "title": f"修改核对词“{word.word}”" if pk else "新增核对词",
        "verb": "保存",
        "cancel": reverse("staff_words"),
    }
    return render(request, "staff/form.html", context, status=400 if request.method == "POST" else 200)
