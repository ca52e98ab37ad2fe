from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Member
from tasks.actions.task import cancel_task, publish_task, widen_audience
from tasks.actions.task_draft import save_draft
from tasks.forms.finding import FindForm
from tasks.forms.task import CancelForm, TaskWriting
from tasks.models import Claim, Task, Wish
from tasks.queries.activity_report import may_be_reported, report_of
from tasks.queries.claim import claims_to_come
from tasks.queries.fitting import shifts_that_fit
from tasks.queries.hosting import tasks_to_host
from tasks.queries.shift import standings
from tasks.queries.task import audiences_above, search, shifts_of, shifts_open_to, tasks_published_by, wider_audiences
from tasks.queries.task_repeat import again
from tasks.views.hosting import passed_down
from tasks.views.own_task import SEEN_WITH, own_task_at
from tasks.views.task_draft import written
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import key_in
from vanguard.lib.paging import page_of

NEXT_SHOWN = 2
TO_HOST_SHOWN = 5
LOOKED_FOR = "looked_for"


@require_GET
def task_list(request: Request) -> HttpResponse:
    """For a member the shifts they may claim, soonest first; for staff what they published."""
    if request.actor.is_member:
        return _shifts_to_claim(request)
    request.actor.require(Ability.PUBLISH)
    page, asked = page_of(request, tasks_published_by(request.actor)), tasks_to_host(request.actor)
    return render(request, "tasks/task/published.html", {"page": page, "to_host": asked[:TO_HOST_SHOWN]})


def _shifts_to_claim(request: Request) -> HttpResponse:
    """What is open, soonest first, or what fits, best first, under the own duty and the own next shifts.

    What is looked for is in the address; where it says nothing, it is what was looked for the last time.
    """
    member, now = request.actor.member, timezone.now()
    assert member is not None
    form, again = _looked_for(request, member)
    asked = form.asked
    shifts = shifts_that_fit(member, now) if "fits" in asked else shifts_open_to(member, now)
    page = page_of(request, search(shifts, **form.wanted()))
    context = {
        "page": page,
        "standings": standings(page.object_list, member, now),
        "form": FindForm(initial=asked, home=member.home),
        "asked": asked,
        "again": again,
        "narrowed": len(asked.keys() - {"q", "fits"}),
        "coming": claims_to_come(member, now)[:NEXT_SHOWN],
        "member": member,
        "now": now,
    }
    return render(request, "tasks/task/open.html", context)


def _looked_for(request: Request, member: Member) -> tuple[FindForm, bool]:
    """What the address asks for; else what was kept, and whether that is anything.

    Kept is what the form has sent, which says something of its words in any case. A link to what fits is only followed.
    """
    kept = request.session.get(LOOKED_FOR, {})
    if not FindForm.base_fields.keys() & request.GET.keys():
        return FindForm(kept, home=member.home), bool(kept)
    form = FindForm(request.GET, home=member.home)
    if "q" in request.GET and form.remembered != kept:
        request.session[LOOKED_FOR] = form.remembered
    return form, False


@require_GET
def task(request: Request, pk: int) -> HttpResponse:
    """One task with its shifts: the member's button first, the staff's claimers."""
    tasks = Task.objects.visible_to(request.actor).select_related(*SEEN_WITH)
    task = get_object_or_404(tasks, pk=pk)
    if task.status == Task.Status.DRAFT:
        return redirect("task_draft", pk)
    if task.is_passed_down:
        return passed_down(request, task)
    if request.actor.member:
        return _task_to_claim(request, task, request.actor.member)
    context: dict[str, Any] = {"task": task, "shifts": shifts_of(task), "now": timezone.now()}
    context["publishes"] = request.actor.can(Ability.PUBLISH)
    context["report"] = report_of(task, request.actor)
    if request.actor.can(Ability.PUBLISH, task.publisher):
        context["may_report"] = context["report"] is None and may_be_reported(task, context["now"])
        context["wider"] = wider_audiences(task)
        context["again"] = again(task)
        context["may_change"] = task.status in Task.ANNOUNCED
    context["wishes"] = Wish.objects.visible_to(request.actor).filter(task=task)
    doing = (Ability.CONFIRM, Ability.PROPOSE)
    context["may_settle"] = any(request.actor.can(ability, task.publisher) for ability in doing)
    claims = Claim.objects.visible_to(request.actor).living().filter(shift__task=task)
    by_shift: dict[int, list[Claim]] = {}
    for claim in claims.select_related("member__user"):
        by_shift.setdefault(claim.shift_id, []).append(claim)
    return render(request, "tasks/task/staff_page.html", context | {"claims": by_shift})


def _task_to_claim(request: Request, task: Task, member: Member) -> HttpResponse:
    """With one shift, its button is the page's; with several, each has its own."""
    now = timezone.now()
    rows = standings(task.shifts.select_related("skill").order_by("starts_at", "pk"), member, now)
    only = rows[0] if len(rows) == 1 else None
    report = report_of(task, request.actor)
    context = {"task": task, "standings": rows, "only": only, "now": now, "report": report}
    return render(request, "tasks/task/page.html", context)


def task_new(request: Request) -> HttpResponse:
    """Publish a task by hand."""
    return publish_with_hours(request, wishes=[], initial={})


def publish_with_hours(request: Request, *, wishes: Sequence[Wish], initial: dict[str, Any]) -> HttpResponse:
    """The whole form of a task with its shifts, for the wishes, if any, that it is to fulfil."""
    request.actor.require(Ability.PUBLISH)
    publisher = request.actor.organization
    assert publisher is not None
    initial = {"contact_name": request.user.name, "contact_phone": publisher.phone, **initial}
    rows = [{"capacity": len(wishes)}] if wishes else []
    writing = TaskWriting(
        request.POST or None, publisher=publisher, initial=initial, rows=rows, keeps_drafts=not wishes
    )
    tasks: list[Task] = []
    if request.method == "POST" and writing.attempt(lambda: tasks.append(_write(request, writing, wishes))):
        return written(request, tasks[0], writing)
    return render(request, "tasks/task/new.html", {"writing": writing, "wishes": wishes})


def _write(request: Request, writing: TaskWriting, wishes: Sequence[Wish]) -> Task:
    """What wishes become is published at once: a draft would leave them waiting, with nobody knowing for what."""
    once = writing.task.once
    if writing.is_draft:
        return save_draft(by=request.actor, sent_once=once, **writing.values)
    return publish_task(by=request.actor, wishes=wishes, sent_once=once, **writing.values)


@require_POST
def task_widen(request: Request, pk: int) -> HttpResponse:
    """Offer a task to more people."""
    task = own_task_at(request, pk)
    chosen = key_in(request.POST.get("to", ""))
    to = next((audience for audience in audiences_above(task) if audience.pk == chosen), None)
    if to is None:
        messages.error(request, _("Choose to whom it is to be offered."))
    else:
        said = _("“%(task)s” is now open to the members of %(audience)s.") % {"task": task, "audience": to}
        attempt(request, lambda: widen_audience(task, to=to, by=request.actor), said)
    return redirect("task", pk)


def task_cancel(request: Request, pk: int) -> HttpResponse:
    """Call a task off, with a reason that everyone who has a place reads."""
    task = own_task_at(request, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: cancel_task(task, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("“%(task)s” is cancelled; everyone who had a place is told.") % {"task": task})
        return redirect("task", task.pk)
    return render(request, "tasks/task/cancel.html", {"form": form, "task": task})
