from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Request
from accounts.limiting import count_try
from accounts.models import Member
from tasks.actions.walk_in import add_walk_in
from tasks.forms.day import WalkInForm
from tasks.models import Claim
from tasks.queries.day import day_opens_at, may_be_joined
from tasks.views.day import shift_of_the_day
from vanguard.lib.attempting import attempt_with


def day_join(request: Request, pk: int) -> HttpResponse:
    """Add somebody who stands there: first the masked name, to see that it is the right person; then the place."""
    shift, now = shift_of_the_day(request, pk), timezone.now()
    joining = may_be_joined(shift, now) and not shift.by_agreement
    form = WalkInForm((joining and request.POST) or None, shift=shift)
    found: Member | None = None
    if request.method == "POST" and joining:
        if not count_try(request, "member_sought", key=str(request.user.pk)):
            messages.error(request, _("You have looked for many members. Try again in an hour."))
            return redirect("day_join", pk)
        found = form.cleaned_data["who"] if form.is_valid() else None
        if found and "sure" in request.POST:
            member, added = found, list[Claim]()
            if attempt_with(form, lambda: added.append(add_walk_in(shift, member, by=request.actor))):
                messages.success(request, _("%(name)s has a place and is ticked as attended.") % {"name": member})
                return redirect("day", pk)
            found = None
    context = {
        "shift": shift,
        "form": form,
        "found": found,
        "joining": joining,
        "opens_at": day_opens_at(shift),
        "now": now,
    }
    return render(request, "tasks/day/join.html", context)
