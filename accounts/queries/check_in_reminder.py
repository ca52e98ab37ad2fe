"""Whom a unit's officer can remind to check in, whom to call, and who needs neither."""

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice, Organization, User
from accounts.queries.matching import Asked, Lines, progress_of
from accounts.queries.three_clear import Progress, of_units


class Group(TextChoices):
    """Those who have not checked in, by what can be done: there is no SMS, so a message needs an account."""

    TELL = "TELL", _("To be told")
    CALL = "CALL", _("Without an account: to be called")
    LEFT_OUT = "LEFT_OUT", _("Left out: the community is looking at it")


PROGRESS = {
    Group.TELL: (Progress.ACCOUNT, Progress.RETURNED),
    Group.CALL: (Progress.NO_ACCOUNT,),
    Group.LEFT_OUT: (Progress.SUBMITTED, Progress.APPROVED),
}


def not_checked_in(unit: Organization, group: Group) -> Lines:
    """The lines of one group, by name."""
    return Lines(of_units(unit), Asked(progress=PROGRESS[group]))


def groups_of(unit: Organization) -> list[tuple[Group, int]]:
    """Each group with how many lines it has; one query."""
    counts = progress_of(of_units(unit))
    return [(group, sum(counts.get(progress, 0) for progress in PROGRESS[group])) for group in Group]


def reminder_of_today(unit: Organization) -> str:
    """What a person is reminded of once a day: by this unit."""
    return f"check-in-{unit.pk}-{timezone.localdate()}"


def told_today(unit: Organization) -> set[int]:
    """The keys of the accounts that this unit has reminded today."""
    sent = Notice.objects.filter(once__startswith=f"{reminder_of_today(unit)}:")
    return set(sent.values_list("user", flat=True))


def people_to_remind(unit: Organization) -> QuerySet[User]:
    """The accounts of those who have not checked in and have not been told today; in a fixed number of queries."""
    accounts = {line.account_id for line in not_checked_in(unit, Group.TELL) if line.account_id}
    return User.objects.filter(pk__in=accounts - told_today(unit)).order_by("pk")
