"""Who came: the one place that counts it, for reports and figures alike.

Members come by the claims that are marked as attended; whoever they brought comes with them, and whom the staff noted on the
day, without an account. Services are counted apart for members in service, for the retired and for companions (domain rule 7).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.queries.retirement import retired_on
from tasks.models import Claim, DayNote, Shift, Task
from tasks.queries.flags_lit import flags_of

CAME = (Claim.Status.ATTENDED, Claim.Status.PROPOSED, Claim.Status.CONFIRMED)


@dataclass(frozen=True)
class Turnout:
    """Shifts that were held, and who came to them.

    A member who came three times is one member and three services; `retired` are some of the members, `hours` those that
    members served, together. Companions cannot be told apart: who came twice counts twice. Nor can those of the day's notes:
    `family`, `retired_guests` without an account, and other `residents`.
    """

    shifts: int = 0
    members: int = 0
    retired: int = 0
    services: int = 0
    companions: int = 0
    hours: float = 0
    flags: int = 0
    family: int = 0
    retired_guests: int = 0
    residents: int = 0

    @property
    def people(self) -> int:
        return self.members + self.companions + self.family + self.retired_guests + self.residents


def companions_who_came(claim: str = "") -> Coalesce:
    """How many people a member brought along to a service, by its claim: as noted on the day, else as announced."""
    its = f"{claim}__" if claim else ""
    return Coalesce(F(f"{its}attendance__companions_came"), F(f"{its}companions"))


def held(task: Task, now: datetime) -> QuerySet[Shift]:
    """Its shifts at fixed hours that are over and were not called off."""
    return Shift.objects.filter(task=task, by_agreement=False, ends_at__lte=now).exclude(status=Shift.Status.CANCELLED)


def services(shifts: QuerySet[Shift]) -> QuerySet[Claim, Any]:
    """The claims of those who came; `person` is the member for whom it counts, `was_retired` whether on that day,
    `brought` how many came along."""
    came = Claim.objects.filter(shift__in=shifts, status__in=CAME)
    return came.annotate(
        person=Coalesce("member__merged_into", "member"),
        day=TruncDate(Coalesce("ends_at", "shift__ends_at"), tzinfo=timezone.get_default_timezone()),
        was_retired=Case(When(retired_on("day"), then=True), default=False),
        brought=companions_who_came(),
    )


def turnout(shifts: QuerySet[Shift]) -> Turnout:
    """Who came to these shifts; four queries, however many there are."""
    came = services(shifts)
    lasted = ExpressionWrapper(
        Coalesce("ends_at", "shift__ends_at") - Coalesce("starts_at", "shift__starts_at"), output_field=DurationField()
    )
    sums = came.annotate(lasted=lasted).aggregate(
        members=Count("person", distinct=True),
        retired=Count("person", distinct=True, filter=Q(was_retired=True)),
        services=Count("pk"),
        companions=Sum("brought", default=0),
        time=Sum("lasted", default=timedelta(0)),
    )
    hours = round(sums.pop("time") / timedelta(hours=1), 1)
    return Turnout(shifts=shifts.count(), hours=hours, flags=sum(flags_of(came).values()), **sums, **_noted(shifts))


def _noted(shifts: QuerySet[Shift]) -> dict[str, int]:
    """Whom the staff counted on the day."""
    notes = DayNote.objects.filter(shift__in=shifts)
    return notes.aggregate(
        family=Sum("family", default=0), retired_guests=Sum("retired", default=0), residents=Sum("residents", default=0)
    )
