"""The secret address of a member's calendar: made, replaced, switched off. Nobody's but the member's own to decide."""

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from tasks.models import CalendarAddress
from tasks.models.calendar_address import new_key


@transaction.atomic
def renew_calendar_address(*, by: Actor) -> CalendarAddress:
    """A new address for the member who asks; one they had before opens nothing from now on."""
    by.require(Ability.CLAIM)
    fields = {"key": new_key(), "made_at": timezone.now()}
    address, _is_first = CalendarAddress.objects.update_or_create(member=by.member, defaults=fields)
    record(address.member, "calendar opened", by=by)
    return address


@transaction.atomic
def close_calendar_address(*, by: Actor) -> None:
    """The member's address opens nothing from now on; without one nothing changes."""
    by.require(Ability.CLAIM)
    closed, _by_model = CalendarAddress.objects.filter(member=by.member).delete()
    if closed and by.member:
        record(by.member, "calendar closed", by=by)
