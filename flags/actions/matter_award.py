"""A flag for what is no service: a matter that the city has named (社区认定的其他事项, domain rule 5)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from flags.actions.award import home_kept_by, write_award
from flags.actions.year import require_year_open
from flags.models import AwardMatter, FlagAward
from flags.queries.limits import is_full_for_matter, person_of
from flags.refusals import Reason
from tasks.actions.place import hold_members
from tasks.models.task import Category
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words


def award_for_matter(member: Member, *, matter: AwardMatter, day: date, reason: str, by: Actor) -> FlagAward:
    """One flag for a matter on a stated day, with the reason; the line comes back and the member is told.

    May do it: who keeps the ledger of the community in which the member lived on that day, and the city. Refused:
    without a reason, one's own, a day to come or on which the matter does not count, a third one for the same matter in
    one year (under either account of a person who had two), and a year that is closed, but to the city.
    """
    try:
        return _award(member, matter, day, reason, by)
    except IntegrityError as error:  # the database counts, too: who wrote meanwhile in another way was faster
        raise Refused(Reason.MATTER_GIVEN_TWICE, name=member, matter=matter, year=day.year) from error


@transaction.atomic
def _award(member: Member, matter: AwardMatter, day: date, reason: str, by: Actor) -> FlagAward:
    home = home_kept_by(by, member, day)
    if not home.lies_within(matter.city.path):
        raise PermissionDenied
    if by.is_person(member):
        raise Refused(AccountsReason.ONESELF)
    if not reason.strip():
        raise Refused(AccountsReason.REASON_MISSING)
    if day > timezone.localdate():
        raise Refused(AccountsReason.DAY_TO_COME)
    if not matter.counts_on(day):
        raise Refused(Reason.MATTER_NOT_THEN, matter=matter, day=day_words(day))
    require_year_open(matter.city.path, day.year, by=by, why=reason)
    hold_members([member.pk, person_of(member)])
    if is_full_for_matter(member, matter, day.year):
        raise Refused(Reason.MATTER_GIVEN_TWICE, name=member, matter=matter, year=day.year)
    award = write_award(member, day=day, category=Category.OTHER, at=home, by=by, reason=reason, matter=matter)
    notify([member.user], Notice.Kind.FLAG_AWARDED, link=reverse("flag_wall"), what=matter, flags=award.value)
    return award
