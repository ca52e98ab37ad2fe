from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from accounts.queries.three_clear import of_homes
from accounts.views.matching import file_name, list_context, sheet
from vanguard.lib.spreadsheet import csv_response, xlsx_response


@require_GET
def members(request: Request) -> HttpResponse:
    """The members who live in the organization, for its staff, and whom the rosters expect there."""
    place = _place(request)
    return render(request, "accounts/members.html", list_context(request, of_homes(place)) | {"place": place})


@require_GET
def members_csv(request: Request) -> HttpResponse:
    place = _place(request)
    return csv_response(file_name("members", place), *sheet(request, of_homes(place)))


@require_GET
def members_xlsx(request: Request) -> HttpResponse:
    place = _place(request)
    return xlsx_response(file_name("members", place), *sheet(request, of_homes(place)))


def _place(request: Request) -> Organization:
    """The hat's own organization, or the community below it that `?at=` names by its code."""
    request.actor.require(Ability.SEE_RESIDENT_MEMBERS)
    own = request.actor.organization
    assert own is not None, "members are seen under an appointment"
    if not request.GET.get("at"):
        return own
    communities = Organization.objects.communities().within(*request.actor.home_paths)
    return get_object_or_404(communities, code=request.GET["at"])
