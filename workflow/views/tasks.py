"""Handed-out tasks: list, one task, a new one, its papers."""

from __future__ import annotations

from typing import Any

from django.core.validators import slug_re
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.models import Department
from core.errors import BusinessError
from workflow.actors import actor_of
from workflow.forms import TaskForm
from workflow.models import AssignedTask
from workflow.moves import LEADERS, day_end
from workflow.registry import table_of
from workflow.selectors import changes_of, moves_for
from workflow.selectors import tasks as reads
from workflow.selectors.clocks import clocks_of
from workflow.services.papers import paper_open, task_paper_add
from workflow.services.tasks import task_create
from workflow.states import TaskState
from workflow.views.common import address_of, files_again, number_of, person, status_of

PAGE = 20


def _query(request: HttpRequest) -> reads.TaskQuery:
    state = request.GET.get("state", "")
    office = request.GET.get("office", "")
    return reads.TaskQuery(
        office=office if slug_re.fullmatch(office) else "",
        state=state if state in TaskState.values else "",
        overdue=request.GET.get("overdue") == "1",
        before=number_of(request.GET.get("before")),
    )


def _visible_task(request: HttpRequest, pk: int) -> AssignedTask:
    now = timezone.now()
    actor = actor_of(request.user, now=now)
    found: AssignedTask | None = reads.tasks_visible(reads.task_rows(now=now), actor=actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@duty_required(any_staff=True)
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks that one may see, with the overdue ones by office."""
    now = timezone.now()
    actor, query = actor_of(request.user, now=now), _query(request)
    found = list(reads.task_list(query, actor=actor, now=now)[: PAGE + 1])
    context = {
        "tasks": [(task, day_end(task.due_on)) for task in found[:PAGE]], "query": query, "now": now,
        "next": found[PAGE - 1].pk if len(found) > PAGE else 0, "states": TaskState.choices, "open": reads.OPEN,
        "offices": list(Department.objects.filter(is_active=True)),
        "bars": reads.tasks_by_office(actor=actor, now=now), "may_give": not actor.duties.isdisjoint(LEADERS),
    }  # fmt: skip
    return render(request, "workflow/task_list.html", context)


def _with_papers(task: AssignedTask) -> dict[str, Any]:
    """Every answer with the papers that came with it, and the papers of the task itself."""
    papers = list(task.papers.select_related("by").order_by("id"))
    answers = task.answers.select_related("by").order_by("id")
    return {
        "answers": [(answer, [paper for paper in papers if paper.answer_id == answer.pk]) for answer in answers],
        "papers": [paper for paper in papers if not paper.answer_id],
    }


@duty_required(any_staff=True)
@require_GET
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: what, who, until when, its answers and papers, its history, its buttons."""
    task, now = _visible_task(request, pk), timezone.now()
    history, table = changes_of(task), table_of(task)
    context = {
        "task": task, "table": table, "history": history, "now": now, "due": day_end(task.due_on),
        "moves": moves_for(task, by=request.user, now=now, history=history), "source": reads.source_words(task),
        "helping": list(task.helping_offices.all()), "state": table.state_label(task.state), **_with_papers(task),
        "clocks": list(clocks_of(task)), "is_open": task.state in reads.OPEN or task.state == TaskState.DRAFT,
        "seen": history[-1].number if history else 0, "done": request.GET.get("done", ""),
    }  # fmt: skip
    return render(request, "workflow/task_detail.html", context)


def _created(request: HttpRequest, form: Any) -> AssignedTask:
    """Make the task that a valid form describes. Raises BusinessError."""
    if not form.is_valid():
        raise BusinessError("不能新建：下面有填错的地方，请改好再提交。", "invalid")
    form.store(now=timezone.now())
    return task_create(**form.cleaned_data, by=person(request), now=timezone.now(), address=address_of(request))


@duty_required(*LEADERS)
@require_http_methods(["GET", "POST"])
def task_new(request: HttpRequest) -> HttpResponse:
    """Draft a task."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TaskForm(*sent, by=person(request), now=timezone.now())
    error, status = "", 200
    if request.method == "POST":
        try:
            task = _created(request, form)
            return HttpResponseRedirect(reverse("staff_task", args=[task.pk]) + "?done=create")
        except BusinessError as refusal:
            error, status = refusal.message + files_again(request), status_of(refusal)
    return render(request, "workflow/task_new.html", {"form": form, "error": error}, status=status)


@duty_required(any_staff=True)
@require_POST
def task_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a paper to a task that is not over."""
    task = _visible_task(request, pk)
    if task.state not in reads.OPEN and task.state != TaskState.DRAFT:
        raise BusinessError("材料没有保存：这件事项已经办结或撤销。", "wrong_state")
    upload = request.FILES.get("paper")
    if upload is None:
        raise BusinessError("材料没有保存：请先选择文件。", "no_file")
    task_paper_add(task=task, content=upload, name=str(upload.name), by=person(request), now=timezone.now())
    return HttpResponseRedirect(reverse("staff_task", args=[task.pk]) + "#papers")


@duty_required(any_staff=True)
@require_GET
def task_paper_open(request: HttpRequest, pk: int, paper: int) -> FileResponse:
    """A paper as a download, for who may see the task: it is no page of ours."""
    found = _visible_task(request, pk).papers.filter(pk=paper).first() if paper < 2**63 else None
    if found is None:
        raise Http404
    answer = FileResponse(
        paper_open(found), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
