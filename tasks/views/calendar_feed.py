"""A member's places for their own calendar: all of them under a secret address, or one as a file."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.access import Ability, Request
from accounts.limiting import count_reading
from tasks.models import Claim, Shift
from tasks.queries.calendar_feed import Entry, address_opened_by, entry_of, feed_of
from vanguard.lib.calendar_file import CONTENT_TYPE, Event, Status, calendar_file
from vanguard.lib.saying import moment_words
from vanguard.lib.site_address import public_address

READ_AGAIN_SECONDS = 3600


@login_not_required
@never_cache
@require_safe
def calendar_feed(request: Request, secret: str) -> HttpResponse:
    """Who has the address reads it, without log-in: the member's own places, and nothing of anybody else.

    A wrong address cannot be guessed, so only the reading of a right one is counted: calendars of many members ask
    from the same few machines, and one who asks in vain must not shut out the others.
    """
    address = address_opened_by(secret)
    if address is None:
        raise Http404
    if not count_reading(request, "calendar_read", key=str(address.pk)):
        return HttpResponse(status=429, headers={"Retry-After": str(READ_AGAIN_SECONDS)})
    now = timezone.now()
    with translation.override(address.member.user.language):
        return _answer(request, feed_of(address.member, now), "places.ics")


@never_cache
@require_GET
def shift_calendar(request: Request, pk: int) -> HttpResponse:
    """One shift as a file, for who has a place in it."""
    request.actor.require(Ability.CLAIM)
    member = request.actor.member
    assert member is not None
    shift = get_object_or_404(Shift.objects.visible_to(request.actor), pk=pk)
    entry = entry_of(shift, member, timezone.now())
    if entry is None:
        raise Http404
    return _answer(request, [entry], f"shift-{pk}.ics")


def _answer(request: HttpRequest, entries: list[Entry], file: str) -> HttpResponse:
    events = [_event(request, entry) for entry in entries]
    name = _("Vanguard Micro-Home")
    return HttpResponse(
        calendar_file(events, name=name, now=timezone.now()),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{file}"', "X-Robots-Tag": "noindex, nofollow"},
    )


def _event(request: HttpRequest, entry: Entry) -> Event:
    claim, task = entry.claim, entry.claim.shift.task
    address = public_address(request, claim.page)
    is_off = entry.status == Status.CANCELLED
    contact = f"{task.contact_name} {task.contact_phone}".strip()
    return Event(
        uid=f"claim-{claim.pk}@{urlsplit(address).hostname}",
        title=_("Cancelled: %(task)s") % {"task": task.title} if is_off else task.title,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        place=task.place,
        address=address,
        words="\n".join([*_words(entry), _("Contact: %(contact)s") % {"contact": contact}, address]),
        contact=contact,
        status=entry.status,
        sequence=entry.sequence,
        changed_at=entry.changed_at,
    )


def _words(entry: Entry) -> list[str]:
    """What is to be done about it, where it is not settled."""
    claim = entry.claim
    if entry.status != Status.TENTATIVE:
        return []
    if claim.status == Claim.Status.OFFERED and claim.offer_until:
        return [_("A place is offered to you until %(time)s.") % {"time": moment_words(claim.offer_until)}]
    return [_("It has been moved to a time when you have another place. Say whether you come.")]
