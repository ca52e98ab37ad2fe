from django.db import transaction
from django.urls import reverse

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice, Organization
from accounts.queries.check_in_reminder import people_to_remind, reminder_of_today
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def remind_to_check_in(unit: Organization, *, by: Actor) -> int:
    """Ask all who have not checked in to do so, each once a day; how many have been told comes back.

    Told are those with an account and neither an approved nor a pending check-in. Refused where nobody is left.
    """
    by.require(Ability.REMIND, unit)
    # Two officers at once: the second waits here, and then sees who has been told.
    Organization.objects.select_for_update(no_key=True).get(pk=unit.pk)
    people = list(people_to_remind(unit))
    if not people:
        raise Refused(Reason.NOBODY_TO_REMIND)
    once, link = reminder_of_today(unit), reverse("check_in")
    write_notices(
        notice_to(user, Notice.Kind.CHECK_IN_REMINDER, link=link, once=once, unit=unit.name) for user in people
    )
    record(unit, "reminded", by=by)
    return len(people)
