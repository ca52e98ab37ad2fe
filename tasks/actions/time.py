from collections.abc import Callable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.access import CLOCK
from accounts.actions.move import move_all
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Beat, Notice
from tasks.models import Claim, Shift, Task
from vanguard.lib.days import beginning_of

REMIND_FROM_HOUR = 8


@transaction.atomic
def open_scheduled_tasks() -> list[int]:
    """Tasks whose opening time has come."""
    return move_all(
        Task.objects.filter(status=Task.Status.SCHEDULED, opens_at__lte=timezone.now()), Task.Status.OPEN, by=CLOCK
    )


@transaction.atomic
def end_shifts() -> list[int]:
    """Shifts that are over end; one with nobody left to confirm is settled; a task without open shifts closes."""
    passed = Shift.objects.filter(status=Shift.Status.OPEN, ends_at__lte=timezone.now())
    ended = move_all(passed.exclude(task__status=Task.Status.DRAFT), Shift.Status.ENDED, by=CLOCK)
    unsettled = Claim.objects.filter(shift=OuterRef("pk")).unsettled()
    move_all(Shift.objects.filter(~Exists(unsettled), pk__in=ended), Shift.Status.SETTLED, by=CLOCK)
    still_open = Shift.objects.filter(task=OuterRef("pk"), status=Shift.Status.OPEN)
    # Whoever ended the last shift: a secretary who confirms at once may have been faster than the clock.
    # What communities host has no shifts: it closes once the last day is over.
    over = Q(host_by=None) & ~Exists(still_open) | Q(host_by__lt=timezone.localdate())
    move_all(Task.objects.filter(over, status=Task.Status.OPEN), Task.Status.CLOSED, by=CLOCK)
    return ended


def remind_of_tomorrow() -> None:
    """Tell each claimer the day before, from the morning on."""
    once_a_day("remind_of_tomorrow", lambda: _remind(timezone.localdate() + timedelta(days=1)))


def once_a_day(job: str, act: Callable[[], None]) -> None:
    """Let `act` write what it writes once a day, from the morning on: the day's beat is a row written with it."""
    now = timezone.localtime()
    if now.hour < REMIND_FROM_HOUR:
        return
    try:
        with transaction.atomic():
            Beat.objects.create(job=job, period=f"{now:%Y-%m-%d}")
            act()
    except IntegrityError:
        return


def _remind(day: date) -> None:
    begin, end = beginning_of(day), beginning_of(day + timedelta(days=1))
    tomorrow = Q(starts_at__gte=begin, starts_at__lt=end)
    asked = Q(asked_at__isnull=False, starts_at=None, shift__starts_at__gte=begin, shift__starts_at__lt=end)
    # Locked while it is written: who withdraws in this very moment is not reminded.
    held = Claim.objects.filter(tomorrow | asked, status=Claim.Status.HELD)
    held = held.select_for_update(of=("self",), no_key=True)
    coming = held.select_related("member__user", "shift__task").order_by("pk")
    write_notices(
        notice_to(
            claim.member.user,
            Notice.Kind.SHIFT_TOMORROW,
            link=claim.page,
            once=f"tomorrow:{claim.pk}:{day}",
            task=claim.shift.task.title,
            time=claim.starts_at or claim.shift.starts_at,
            place=claim.shift.task.place,
        )
        for claim in coming
    )
