import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.actions.sign_in import check_code, sign_in, sign_out
from tasks.models import Shift
from tasks.queries.day import attendance_of, day_opens_at
from tasks.queries.sign_in import code_of, is_shown, own_place, shown_for, signed_in
from tasks.views.day import shift_of_the_day
from vanguard.lib.refused import Refused
from vanguard.lib.site_address import public_address


@never_cache
@require_GET
def day_code(request: Request, pk: int) -> HttpResponse:
    """The code to show on the spot; the page comes again with the next one by itself, without script too."""
    shift, now = shift_of_the_day(request, pk), timezone.now()
    shown = is_shown(shift, now)
    context = {"shift": shift, "shown": shown, "opens_at": day_opens_at(shift), "now": now}
    if shown:
        address = public_address(request, reverse("sign_in", args=[pk, code_of(shift, now)]))
        context |= {"qr": segno.make(address, error="m").svg_data_uri(scale=8, border=2), "n": signed_in(shift)}
    response = render(request, "tasks/day/code.html", context)
    if shown:
        response["Refresh"] = str(shown_for(now))
    return response


@never_cache
def sign_in_here(request: Request, pk: int, code: str) -> HttpResponse:
    """Where the code leads: the shift, and one button for oneself. Without a code that counts nothing is said of the shift."""
    request.actor.require(Ability.CLAIM)
    try:
        check_code(pk, code, timezone.now())
    except Refused as refused:
        return render(request, "tasks/day/here.html", {"sentence": refused.sentence}, status=410)
    shift = Shift.objects.select_related("task").get(pk=pk)
    if request.method == "POST":
        try:
            return _signed(request, shift, code)
        except Refused as refused:
            messages.error(request, refused.sentence)
    claim = own_place(shift, request.user.pk)
    context = {"shift": shift, "claim": claim, "attendance": attendance_of(claim) if claim else None}
    return render(request, "tasks/day/here.html", context)


def _signed(request: Request, shift: Shift, code: str) -> HttpResponse:
    """On to the own place, for the code is soon none any more."""
    leaves = request.POST.get("do") == "out"
    attendance = (sign_out if leaves else sign_in)(shift, code, by=request.actor)
    messages.success(request, _("You are signed out.") if leaves else _("You are signed in."))
    return redirect("claim", attendance.claim_id)
