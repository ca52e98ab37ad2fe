"""Reading how activities went: the list, one with its numbers, the services behind these, and what is still to be told."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from tasks.models import ActivityReport, Claim, Task
from tasks.queries.activity_report import (
    activity_photos_visible_to,
    due_by_community,
    published_by,
    reports_due,
    reports_read_by,
)
from tasks.queries.flags_lit import flags_of
from tasks.queries.turnout import held, services, turnout
from tasks.views.wish_photo import picture
from vanguard.lib.choosing import one_of
from vanguard.lib.paging import page_of

WHO_READS = (Ability.CLAIM, Ability.PUBLISH, Ability.SEE_FIGURES)
WHO_IS_ASKED = (Ability.PUBLISH, Ability.SEE_FIGURES)
SERVICES: dict[str, dict[str, Any]] = {"all": {}, "retired": {"was_retired": True}, "companions": {"brought__gt": 0}}


@require_GET
def activity_reports(request: Request) -> HttpResponse:
    """How activities went: for members what concerns them, for staff what theirs held."""
    request.actor.require_any(*WHO_READS)
    context = {
        "page": page_of(request, reports_read_by(request.actor)),
        "asked": any(request.actor.can(ability) for ability in WHO_IS_ASKED),
    }
    return render(request, "tasks/activity_report/list.html", context)


@require_GET
def activity_reports_due(request: Request) -> HttpResponse:
    """Activities that are over for some time and of which nothing has been told; for overseers by community."""
    request.actor.require_any(*WHO_IS_ASKED)
    now = timezone.now()
    due, chosen = reports_due(request.actor, now), None
    context: dict[str, Any] = {}
    if request.actor.can(Ability.SEE_FIGURES):
        context["communities"] = due_by_community(request.actor, now)
        places = Organization.objects.within(*request.actor.home_paths)
        chosen = places.filter(code=request.GET.get("community", "")[:20]).first()
    if chosen:
        due = published_by(due, chosen)
    context |= {
        "page": page_of(request, due),
        "chosen": chosen,
        "within": settings.ACTIVITY_REPORT_WITHIN,
        "writes": not request.actor.can(Ability.SEE_FIGURES),
    }
    return render(request, "tasks/activity_report/due.html", context)


@require_GET
def activity_report(request: Request, pk: int) -> HttpResponse:
    """A few words, photos, and numbers that are counted as it is read."""
    report = _report_at(request, pk)
    actor, shifts = request.actor, held(report.task, timezone.now())
    context = {
        "report": report,
        "photos": report.photos.all(),
        "turnout": turnout(shifts),
        "shifts": shifts.order_by("starts_at", "pk"),
        "sees_task": Task.objects.visible_to(actor).filter(pk=report.task_id).exists(),
        "sees_services": actor.can(Ability.SEE_CLAIMS, report.task.publisher),
        "writes": actor.can(Ability.PUBLISH, report.task.publisher),
    }
    return render(request, "tasks/activity_report/page.html", context)


@require_GET
def activity_services(request: Request, pk: int) -> HttpResponse:
    """The services behind the numbers, for who may see who took part."""
    request.actor.require(Ability.SEE_CLAIMS)
    report = _report_at(request, pk)
    who = one_of(SERVICES, request.GET.get("who"), default="all")
    came = services(held(report.task, timezone.now())).filter(pk__in=Claim.objects.visible_to(request.actor))
    rows = came.filter(**SERVICES[who]).select_related("member__user", "shift").order_by("starts_at", "pk")
    page = page_of(request, rows)
    flags = flags_of(Claim.objects.filter(pk__in=[claim.pk for claim in page.object_list]))
    context = {"report": report, "page": page, "flags": flags, "who": who}
    return render(request, "tasks/activity_report/services.html", context)


@require_GET
def activity_photo(request: Request, pk: int) -> FileResponse:
    """One photo, for who reads the report; there is no other way to its file."""
    return picture(get_object_or_404(activity_photos_visible_to(request.actor), pk=pk))


def _report_at(request: Request, pk: int) -> ActivityReport:
    return get_object_or_404(ActivityReport.objects.visible_to(request.actor).select_related("task__publisher"), pk=pk)
