from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions.notice import notice_to, write_notices
from accounts.models import Member, Notice
from tasks.actions.time import once_a_day
from tasks.models import FitOffer, Shift
from tasks.queries.fit_offer import offers_due

Kind = Notice.Kind


def offer_what_fits() -> None:
    """Once a day, from the morning on, tell members of soon shifts that fit them and lack people, if they want that."""
    once_a_day("offer_what_fits", tell_whom_it_fits)


@transaction.atomic
def tell_whom_it_fits() -> None:
    """One notice a day for each member, of a few shifts at most, and of no shift twice.

    It names the one that fits best and leads to it, or of several to the list of all that fit.

    An offer keeps no place and claims none: service is voluntary, and who comes first gets it (domain rule 3). Whoever
    has switched these notices off both ways is passed over. Told at the same time by two, a row decides: of the day for
    the notice, of shift and member for the offer.
    """
    now = timezone.now()
    due = offers_due(now)
    members = Member.objects.select_related("user").in_bulk(due)
    told = {pk: due[pk] for pk, member in members.items() if _is_reached(member)}
    rows = [FitOffer(shift_id=shift, member_id=pk, told_at=now) for pk, shifts in told.items() for shift in shifts]
    FitOffer.objects.bulk_create(rows, ignore_conflicts=True)
    shifts = Shift.objects.select_related("task").in_bulk({row.shift_id for row in rows})
    links = {shift.pk: shift.page for shift in shifts.values()}
    once, all_that_fits = f"fits:{timezone.localdate(now)}", f"{reverse('task_list')}?fits=on"
    write_notices(
        notice_to(
            members[pk].user,
            Kind.FITTING_TASKS if others else Kind.FITTING_TASK,
            link=all_that_fits if others else links[best],
            once=once,
            task=shifts[best].task.title,
            time=shifts[best].starts_at,
        )
        for pk, (best, *others) in told.items()
    )


def _is_reached(member: Member) -> bool:
    """Whether they have not switched it off both ways."""
    return any(
        member.user.is_told(kind) or member.user.is_mailed(kind) for kind in (Kind.FITTING_TASK, Kind.FITTING_TASKS)
    )
