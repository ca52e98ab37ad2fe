from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Ability, Request
from accounts.actions.check_in_reminder import remind_to_check_in
from accounts.models import Organization
from accounts.queries.check_in_reminder import Group, groups_of, not_checked_in, people_to_remind, told_today
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused
from vanguard.lib.site_address import public_address


@require_http_methods(["GET", "POST"])
def roster_remind(request: Request) -> HttpResponse:
    """Remind all of my unit who have not checked in; first it shows whom, and whom only a call reaches."""
    request.actor.require(Ability.REMIND)
    unit = request.actor.organization
    assert unit is not None, "a unit's officer reminds"
    if request.method == "POST":
        return _remind(request, unit)
    groups = groups_of(unit)
    group = _group(request.GET.get("group", ""), groups)
    context = {
        "unit": unit,
        "group": group,
        "groups": groups,
        "page": page_of(request, not_checked_in(unit, group)),
        "told": told_today(unit),
        "to_tell": people_to_remind(unit).count(),
        "words": _("%(unit)s asks you to check in to the community you live in: %(url)s")
        % {"unit": unit, "url": public_address(request, reverse("communities"))},
    }
    return render(request, "accounts/matching/remind.html", context)


def _group(asked: str, groups: list[tuple[Group, int]]) -> Group:
    """The group that was asked for, else the first that has anybody."""
    if asked in Group.values:
        return Group(asked)
    return next((group for group, n in groups if n), Group.TELL)


def _remind(request: Request, unit: Organization) -> HttpResponse:
    try:
        told = remind_to_check_in(unit, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("roster_remind")
    messages.success(
        request, ngettext("%(n)s person has been told.", "%(n)s people have been told.", told) % {"n": told}
    )
    return redirect("roster")
