from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.attendance import Tap, take_ticks
from tasks.forms.day import DayForm, read_batch
from tasks.models import Attendance, Claim, Shift
from tasks.queries.day import (
    TICKED_UNTIL_CONFIRMED,
    attendance_of,
    day_list,
    day_note_of,
    day_opens_at,
    is_day,
    keeps_day_of,
    may_be_joined,
    phone_shown,
)
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

REFUSALS_SAID = 5
NAMES_A_PAGE = 300  # ticked and printed whole, but for the few shifts that are larger than any list on paper


@never_cache
def day(request: Request, pk: int) -> HttpResponse:
    """Everybody who has a place, to print and to tick; without script it is a plain form."""
    shift, now = shift_of_the_day(request, pk), timezone.now()
    if shift.by_agreement:  # there is no day; what was done is confirmed place by place
        return redirect("confirm_shift", pk)
    if request.method == "POST":
        _tick(request, shift)
        return redirect(request.get_full_path())
    ticking, names = is_day(shift, now), page_of(request, day_list(shift), per_page=NAMES_A_PAGE)
    lines = [_line(request, claim, ticking) for claim in names]
    context = {
        "shift": shift,
        "lines": lines,
        "page": names,
        "ticking": ticking,
        "opens_at": day_opens_at(shift),
        "open": any(line["ticks"] for line in lines),
        "joining": may_be_joined(shift, now),
        "over": shift.ends_at <= now,
        "noted": day_note_of(shift),
        "form": DayForm(initial={"sent_once": uuid4()}),
        "who": who_ticks(request),
        "paper_rows": range(5),
    }
    return render(request, "tasks/day/list.html", context)


@require_POST
def day_ticks(request: Request, pk: int) -> HttpResponse:
    """A batch of ticks from a phone: for each key whether it is kept, or why it never will be."""
    shift = shift_of_the_day(request, pk)
    try:
        who, taps = read_batch(_body(request), timezone.now())
    except ValidationError as fault:
        return JsonResponse({"sentence": fault.messages[0]}, status=400)
    if who != who_ticks(request):
        sentence = _("These ticks are of somebody else, or of another of your roles. They stay on the phone.")
        return JsonResponse({"sentence": sentence}, status=409)
    said = _said_of(request, shift, taps)
    seen = Attendance.objects.visible_to(request.actor).filter(claim__shift=shift)
    answer = {
        "kept": [str(key) for key, refused in said.items() if refused is None],
        "refused": {str(key): refused.sentence for key, refused in said.items() if refused},
        "marks": {one.claim_id: one.says for one in seen.filter(claim__in={tap.claim for tap in taps})},
    }
    return JsonResponse(answer)


def _body(request: Request) -> bytes | None:
    """Nothing where it is so large that it is not even read."""
    try:
        return request.body
    except RequestDataTooBig:
        return None


def _said_of(request: Request, shift: Shift, taps: list[Tap]) -> dict[Any, Refused | None]:
    """What is refused as a whole is so for each: none of it is to be sent again."""
    try:
        return take_ticks(shift, taps, by=request.actor)
    except Refused as refused:
        return dict.fromkeys((tap.key for tap in taps), refused)


def _tick(request: Request, shift: Shift) -> None:
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("These ticks cannot be read. Tick them once more."))
        return
    said = _said_of(request, shift, form.taps(timezone.now()))
    for sentence in list(dict.fromkeys(refused.sentence for refused in said.values() if refused))[:REFUSALS_SAID]:
        messages.error(request, sentence)
    n = sum(refused is None for refused in said.values())
    if n:
        messages.success(request, ngettext("%(n)s tick is kept.", "%(n)s ticks are kept.", n) % {"n": n})
    elif not said:
        messages.info(request, _("Nothing was changed."))


def _line(request: Request, claim: Claim, ticking: bool) -> dict[str, Any]:
    own = request.actor.is_person(claim.member)
    return {
        "claim": claim,
        "attendance": attendance_of(claim),
        "own": own,
        "ticks": ticking and not own and claim.status in TICKED_UNTIL_CONFIRMED,
        "phone": phone_shown(claim, request.actor),
    }


def who_ticks(request: Request) -> str:
    """Under which a phone keeps ticks: the person and the hat, so that none is ever sent under another."""
    appointment = request.actor.appointment
    return f"{request.user.pk}-{appointment.pk if appointment else 0}"


def shift_of_the_day(request: Request, pk: int) -> Shift:
    """A shift whose list the actor keeps; what they do not see is not found."""
    request.actor.require_any(Ability.CONFIRM, Ability.PROPOSE)
    shifts = Shift.objects.visible_to(request.actor).select_related("task__publisher")
    shift = get_object_or_404(shifts, pk=pk)
    if not keeps_day_of(request.actor, shift):
        raise PermissionDenied
    return shift
