from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Request
from accounts.models import Role
from accounts.queries.check_in import check_ins_of
from flags.queries.home import member_home, staff_home
from tasks.queries.day import shifts_on

START_PAGES = {
    Role.UNIT_OFFICER: "unit_dashboard",
    Role.CITY_OFFICER: "city_figures",
    Role.STREET_OFFICER: "city_figures",
    Role.INSPECTOR: "city_figures",
}


@login_not_required
@require_GET
def home(request: Request) -> HttpResponse:
    """What awaits me, under the hat I wear."""
    actor, now = request.actor, timezone.localtime()
    if actor.is_member:
        return render(request, "flags/home/member.html", member_home(actor, now))
    if actor.role in (Role.SECRETARY, Role.BRANCH_SECRETARY):
        today = {"today": shifts_on(actor, now.date())}
        return render(request, "flags/home/staff.html", staff_home(actor, now) | today)
    if actor.role and actor.role in START_PAGES:
        return redirect(START_PAGES[Role(actor.role)])
    if actor.user:
        return render(request, "flags/home/resident.html", {"check_ins": check_ins_of(actor.user)})
    return render(request, "flags/home/welcome.html")
