"""Services for other systems, in the fields of the national rules: a member's own, and those of a community."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.forms.report import year_asked
from flags.queries.service_record import header, record_rows, services_held_in, services_of
from flags.views.dossier import member_asked
from vanguard.lib.printing import CHINESE
from vanguard.lib.spreadsheet import csv_response, xlsx_response


@require_GET
def dossier_services_csv(request: Request, number: str, year: int) -> HttpResponse:
    """The services of a year in the fields of the national rules."""
    services = services_of(member_asked(request, number, year), year)
    with translation.override(CHINESE):
        return csv_response(f"services-{number}-{year}", header(), record_rows(services))


@require_GET
def dossier_services_xlsx(request: Request, number: str, year: int) -> HttpResponse:
    services = services_of(member_asked(request, number, year), year)
    with translation.override(CHINESE):
        return xlsx_response(f"services-{number}-{year}", header(), record_rows(services))


@require_GET
def service_records_csv(request: Request, code: str) -> HttpResponse:
    """The same of everybody who served in what a community has published."""
    community, year = community_asked(request, code), year_asked(request.GET)
    with translation.override(CHINESE):
        return csv_response(f"services-{code}-{year}", header(), record_rows(services_held_in(community, year)))


@require_GET
def service_records_xlsx(request: Request, code: str) -> HttpResponse:
    community, year = community_asked(request, code), year_asked(request.GET)
    with translation.override(CHINESE):
        return xlsx_response(f"services-{code}-{year}", header(), record_rows(services_held_in(community, year)))


def community_asked(request: Request, code: str) -> Organization:
    """A community whose members' services this hat reads one by one."""
    request.actor.require(Ability.SEE_RESIDENT_MEMBERS)
    return get_object_or_404(Organization.objects.communities().within(*request.actor.home_paths), code=code)
