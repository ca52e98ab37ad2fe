from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Skill
from accounts.models.organization import at_or_below
from tasks.models.task import Task
from vanguard.lib.days import last_day_before

if TYPE_CHECKING:
    from accounts.access import Actor


class ShiftQuerySet(models.QuerySet["Shift"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Of what is published: the shifts of a draft stand in its form alone."""
        return self.filter(task__in=Task.objects.visible_to(actor).published())

    def claimable(self, now: datetime) -> Self:
        """Announced, of a task whose opening time has come: whether the clock has noticed it yet or not."""
        return self.announced(now).filter(task__opens_at__lte=now)

    def announced(self, now: datetime) -> Self:
        """Open and in time, of a task that is open or will be."""
        return self.in_time(now).filter(task__status__in=Task.ANNOUNCED)

    def in_time(self, now: datetime) -> Self:
        """Open and not begun; by agreement, its last day not over and nobody has reported it fulfilled."""
        from tasks.models.claim import Claim

        reported = Claim.objects.filter(shift=models.OuterRef("pk"), reported_at__isnull=False)
        by_agreement = Q(by_agreement=True, ends_at__gt=now) & ~Q(models.Exists(reported))
        return self.filter(Q(by_agreement=False, starts_at__gt=now) | by_agreement, status=Shift.Status.OPEN)

    def with_free_places(self) -> Self:
        return self.filter(taken__lt=F("capacity"))

    def published_within(self, paths: tuple[str, ...]) -> Self:
        return self.filter(at_or_below("task__publisher__path", paths)).exclude(task__status=Task.Status.DRAFT)

    def awaiting_confirmation(self, now: datetime) -> Self:
        """Over, or reported fulfilled, with somebody on the list who is not settled yet."""
        from tasks.models.claim import Claim

        unsettled = Claim.objects.filter(shift=models.OuterRef("pk")).unsettled()
        over = Q(ends_at__lte=now) & Q(models.Exists(unsettled))
        reported = Q(by_agreement=True) & Q(models.Exists(unsettled.filter(reported_at__lte=now)))
        return self.filter(over | reported, status__in=[Shift.Status.OPEN, Shift.Status.ENDED])


class Shift(models.Model):
    """One time of a task with its own capacity.

    `taken` counts the places of the claims that occupy any, companions included, and those kept for a group.
    With a `skill` its places are for who has it; so two shifts of a task may be at the same time. By agreement,
    `ends_at` is the end of the last day and member and resident agree on the time (domain rule 3).
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        ENDED = "ENDED", _("Ended")
        SETTLED = "SETTLED", _("Settled")
        CANCELLED = "CANCELLED", _("Cancelled")

    NEXT = {
        Status.OPEN: {Status.ENDED, Status.CANCELLED},
        Status.ENDED: {Status.SETTLED},
        Status.SETTLED: {Status.ENDED},  # a mark is put right, and there is something to confirm again
    }

    task = models.ForeignKey(Task, models.PROTECT, related_name="shifts", verbose_name=_("task"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    by_agreement = models.BooleanField(_("time by agreement"), default=False)
    skill = models.ForeignKey(
        Skill,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("skill"),
        help_text=_("These places are for who has it; empty means anyone."),
    )
    capacity = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("taken"), default=0, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["status", "starts_at"], name="shift_coming"),
            models.Index(fields=["status", "ends_at"], name="shift_over"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="shift_has_places"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="shift_never_oversold"),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def page(self) -> str:
        """Where a member reads how it stands with this shift, and takes or gives back a place."""
        return reverse("shift", args=[self.pk])

    @property
    def last_day(self) -> date:
        return last_day_before(self.ends_at)
