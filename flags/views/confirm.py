import re
from datetime import date, datetime
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.actions.confirm import confirm_claim, settle_shift
from flags.queries.confirm import (
    MARKS,
    claims_of_closed_years,
    claims_to_settle,
    marks_for,
    may_be_put_right,
    not_done,
    preset_of,
    shifts_to_settle,
    states_left_to,
)
from flags.queries.deadline import is_city_of
from tasks.models import Attendance, Claim, Mark, Shift, Wish, YearRule
from tasks.queries.day import attendance_of, keeps_day_of
from tasks.queries.steward_log import logs_to_confirm
from tasks.queries.steward_post import applications_to_decide
from tasks.queries.wish_photo import photos_visible_to
from tasks.views.day import who_ticks
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

KEY = re.compile(r"\d{1,18}", re.ASCII)


def _require_say(request: Request) -> None:
    if not (request.actor.can(Ability.CONFIRM) or request.actor.can(Ability.PROPOSE)):
        raise PermissionDenied


@require_GET
def confirm_list(request: Request) -> HttpResponse:
    """The shifts that are over and wait for me, oldest first."""
    _require_say(request)
    context = {
        "page": page_of(request, shifts_to_settle(request.actor, timezone.now())),
        "now": timezone.now(),
        "applications": applications_to_decide(request.actor).count(),
        "logs": logs_to_confirm(request.actor).count(),
    }
    return render(request, "flags/confirm/list.html", context)


def confirm_shift(request: Request, pk: int) -> HttpResponse:
    """The list of one shift: who came, then one tap; or one claim alone.

    "All present" ticks them all and confirms nothing; a tap that is refused leaves what was chosen on the page.
    """
    _require_say(request)
    now = timezone.now()
    shift = get_object_or_404(Shift.objects.visible_to(request.actor).select_related("task__publisher"), pk=pk)
    if request.method == "POST" and "all_present" not in request.POST and _settle(request, shift):
        return redirect("confirm_shift", pk)
    shift.refresh_from_db(fields=["status"])
    mine = claims_to_settle(request.actor, shift).exclude(status__in=Claim.LAPSED)
    claims = list(mine.select_related("member__user", "shift", "attendance").order_by("member__user__name", "pk"))
    left = states_left_to(request.actor)
    ticked = any(attendance_of(claim).says != Mark.NONE for claim in claims)
    city_path = shift.task.publisher.city_path
    late = claims_of_closed_years(claims, city_path)
    closed = set() if is_city_of(request.actor, city_path) else late
    lines = [_line(claim, marks_for(claim, left, now, closed=closed), ticked) for claim in claims]
    lines = [line._replace(preset=_typed(request, line)) for line in lines]
    context = {
        "shift": shift,
        "photos": photos_visible_to(request.actor).filter(claim__shift=shift),
        "lines": lines,
        "open": any(line.marks for line in lines),
        "not_there": _not_there(request, claims, now, closed),
        "who": who_ticks(request),
        "has_day": not shift.by_agreement and keeps_day_of(request.actor, shift),
        "wishes": Wish.objects.visible_to(request.actor).filter(task=shift.task),
        "own": Claim.objects.filter(shift=shift, member__user=request.user).unsettled().exists(),
        "over": shift.ends_at <= now,
        "writes_reports": request.actor.can(Ability.CONFIRM, shift.task.publisher),
        "closed": closed,
        "several": sum(MARKS[0] in line.marks for line in lines) > 1,
        "says_why": bool(late) and not closed,
        "ask": Organization.objects.get(path=city_path) if closed else None,
        "confirm_by": _deadline(shift, late),
        "year": timezone.localtime(shift.ends_at).year,
        "why": request.POST.get("why", ""),
        "not_done": not_done(shift, request.actor),
    }
    return render(request, "flags/confirm/shift.html", context)


def _deadline(shift: Shift, late: set[int]) -> date | None:
    """Until when a service of a year that is over is the community's to confirm; none in the running year."""
    year = timezone.localtime(shift.ends_at).year
    if late or year >= timezone.localdate().year:
        return None
    return YearRule.of(shift.task.publisher.city_path, year).confirm_by


class Line(NamedTuple):
    """A claim, as what it may be marked now, and with which of these the page begins."""

    claim: Claim
    marks: tuple[Claim.Status, ...]
    preset: str
    attendance: Attendance


def _line(claim: Claim, marks: tuple[Claim.Status, ...], ticked: bool) -> Line:
    return Line(claim, marks, preset_of(claim, marks, ticked=ticked), attendance_of(claim))


def _typed(request: Request, line: Line) -> str:
    """With what a line's list begins: all present, what was chosen before it was refused, else what the day says."""
    if request.method != "POST":
        return line.preset
    if "all_present" in request.POST:
        return str(MARKS[0]) if MARKS[0] in line.marks else line.preset
    typed = request.POST.get(f"mark-{line.claim.pk}")
    return typed if typed in line.marks else line.preset


def _not_there(request: Request, claims: list[Claim], now: datetime, closed: set[int]) -> list[Line]:
    """Who may be put right. Nothing is preset but what was refused: who marked them has overruled what the day says."""
    typed = _marks(request, "right-") if "put_right" in request.POST else {}
    lines = [
        Line(claim, may_be_put_right(claim, now, closed=closed), typed.get(claim.pk, ""), attendance_of(claim))
        for claim in claims
    ]
    return [line for line in lines if line.marks]


def _settle(request: Request, shift: Shift) -> bool:
    """Carry out what was tapped, and say what is now true; whether it was done."""
    why = request.POST.get("why", "")
    try:
        if "only" in request.POST:
            confirm_claim(_claim_of(request, shift), by=request.actor, why=why)
            n = 1
        elif "put_right" in request.POST:
            _put_right(request, shift, why)
            return True
        else:
            n = settle_shift(shift, _marks(request), by=request.actor, why=why)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    if not n:
        messages.info(request, _("Nothing more to confirm here: what was marked is settled."))
    elif request.actor.can(Ability.PROPOSE):
        messages.success(request, ngettext("%(n)s service proposed.", "%(n)s services proposed.", n) % {"n": n})
    else:
        messages.success(
            request,
            ngettext("%(n)s service confirmed, flags lit.", "%(n)s services confirmed, flags lit.", n) % {"n": n},
        )
    return True


def _put_right(request: Request, shift: Shift, why: str) -> None:
    """Of those who were not there, each as the page showed it."""
    marks = _marks(request, "right-")
    settle_shift(shift, marks, by=request.actor, put_right=_by_key(request, "was-"), why=why)
    if marks:
        messages.success(request, _("It is put right: what you see here counts now."))
    else:
        messages.info(request, _("Nothing was changed."))


def _claim_of(request: Request, shift: Shift) -> Claim:
    key = _key(request.POST["only"])
    claims = Claim.objects.visible_to(request.actor).filter(shift=shift)
    return get_object_or_404(claims.select_related("member__user", "shift__task__publisher"), pk=key)


def _marks(request: Request, prefix: str = "mark-") -> dict[int, str]:
    """`mark-12=ATTENDED` for each claim on the page; what no page of ours sends is passed over."""
    return {key: mark for key, mark in _by_key(request, prefix).items() if mark in MARKS}


def _by_key(request: Request, prefix: str) -> dict[int, str]:
    sent = {name.removeprefix(prefix): value for name, value in request.POST.items() if name.startswith(prefix)}
    return {_key(name): str(value) for name, value in sent.items() if _key(name)}


def _key(text: str) -> int:
    """The number of a row, or 0 for what can be none: not digits, or more of them than the database counts."""
    return int(text) if KEY.fullmatch(text) else 0
