from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.calendar_address import close_calendar_address, renew_calendar_address
from tasks.models import CalendarAddress
from vanguard.lib.site_address import public_address


@never_cache
@require_GET
def calendar_address(request: Request) -> HttpResponse:
    """The secret address of my calendar: to copy, to replace, to switch off."""
    request.actor.require(Ability.CLAIM)
    address = CalendarAddress.objects.visible_to(request.actor).first()
    full = public_address(request, address.path) if address else ""
    subscribe = "webcal:" + full.partition(":")[2] if full else ""
    context = {"address": address, "full": full, "subscribe": subscribe}
    return render(request, "tasks/calendar/address.html", context)


@require_POST
def calendar_address_renew(request: Request) -> HttpResponse:
    renew_calendar_address(by=request.actor)
    messages.success(request, _("This is your new calendar address. One you had before opens nothing any more."))
    return redirect("calendar_address")


@require_POST
def calendar_address_close(request: Request) -> HttpResponse:
    close_calendar_address(by=request.actor)
    messages.success(request, _("Switched off. The address opens nothing any more."))
    return redirect("calendar_address")
