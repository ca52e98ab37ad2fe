from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member, Organization
from accounts.models.organization import at_or_below
from tasks.models.shift import Shift

if TYPE_CHECKING:
    from accounts.access import Actor


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A member's own; for staff who may see claims, those on what their organizations published."""
        from accounts.access import Ability

        if actor.is_member:
            return self.filter(member=actor.member)
        paths = actor.home_paths if actor.can(Ability.SEE_CLAIMS) else ()
        return self.filter(at_or_below("shift__task__publisher__path", paths))

    def occupying(self) -> Self:
        """Those that take up a place and the member's time before the shift has ended."""
        return self.filter(status__in=Claim.OCCUPYING)

    def living(self) -> Self:
        """Waited for, held or served: neither given back nor expired nor called off."""
        return self.exclude(status__in=Claim.LAPSED)

    def waiting(self) -> Self:
        """On the waiting list, first come first; those of a group stand there together."""
        return self.filter(status=Claim.Status.WAITING).order_by("claimed_at", "pk")

    def seeking_a_stand_in(self) -> Self:
        """Held until somebody takes them over, who looked for a stand-in first coming first."""
        held = self.filter(status=Claim.Status.HELD, stand_in_since__isnull=False)
        return held.order_by("stand_in_since", "pk")

    def kept_for_a_group(self) -> Self:
        """Places that a member of a group declined and that its leader may fill again."""
        return self.filter(status=Claim.Status.DECLINED, kept_until__isnull=False)

    def unsettled(self) -> Self:
        return self.filter(status__in=Claim.TO_SETTLE)

    def ready_to_settle(self, now: datetime) -> Self:
        """Not settled, though the shift's end has come, or by agreement it was reported fulfilled (domain rule 3)."""
        return self.unsettled().filter(Q(shift__ends_at__lte=now) | Q(reported_at__lte=now))

    def over(self, now: datetime) -> Self:
        """Whose hours have passed; by agreement, those reported fulfilled or no longer held."""
        return self.filter(_is_over(now))

    def of_year(self, year: int) -> Self:
        """Whose service ends in `year`; by its shift's hours where they are fixed and the claim has none."""
        fixed = Q(ends_at=None, shift__by_agreement=False, shift__ends_at__year=year)
        return self.filter(Q(ends_at__year=year) | fixed)

    def to_come(self, now: datetime) -> Self:
        return self.exclude(_is_over(now))


def _is_over(now: datetime) -> Q:
    """By its shift's hours where a claim is asked about new ones, and so has none of its own."""
    agreed = Q(reported_at__isnull=False) | ~Q(status__in=Claim.OCCUPYING)
    fixed = Q(ends_at__lte=now) | Q(ends_at=None, shift__ends_at__lte=now)
    return Q(shift__by_agreement=False) & fixed | Q(shift__by_agreement=True) & agreed


class Claim(models.Model):
    """A member's place in a shift (接单). By agreement it has no time until member and resident agree on one."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waiting list")
        OFFERED = "OFFERED", _("Offered")
        HELD = "HELD", _("Claimed")
        ATTENDED = "ATTENDED", _("Attended")
        ABSENT = "ABSENT", _("Absent")
        EXCUSED = "EXCUSED", _("Excused")
        PROPOSED = "PROPOSED", _("Proposed for confirmation")
        CONFIRMED = "CONFIRMED", _("Confirmed")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        DECLINED = "DECLINED", pgettext_lazy("place", "Declined")
        EXPIRED = "EXPIRED", _("Expired")
        CANCELLED = "CANCELLED", _("Cancelled")

    S = Status
    NEXT = {
        S.WAITING: {S.OFFERED, S.HELD, S.WITHDRAWN, S.EXPIRED, S.CANCELLED},
        S.OFFERED: {S.HELD, S.DECLINED, S.WITHDRAWN, S.EXPIRED, S.CANCELLED},
        S.HELD: {S.ATTENDED, S.ABSENT, S.EXCUSED, S.DECLINED, S.WITHDRAWN, S.CANCELLED},
        S.ATTENDED: {S.ABSENT, S.EXCUSED, S.PROPOSED, S.CONFIRMED},
        S.ABSENT: {S.ATTENDED, S.EXCUSED},
        S.EXCUSED: {S.ATTENDED, S.ABSENT},
        S.PROPOSED: {S.ATTENDED, S.CONFIRMED},
    }
    OCCUPYING = (S.OFFERED, S.HELD)
    TO_SERVE = (S.WAITING, S.OFFERED, S.HELD)
    TO_SETTLE = (S.HELD, S.ATTENDED, S.PROPOSED)
    NOT_THERE = (S.ABSENT, S.EXCUSED)
    HELPING = (*TO_SETTLE, S.CONFIRMED)
    LAPSED = (S.WITHDRAWN, S.DECLINED, S.EXPIRED, S.CANCELLED)

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="claims", verbose_name=_("shift"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="claims", verbose_name=_("member"))
    community = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="+",
        verbose_name=_("community"),
        help_text=_("Where the member was checked in when claiming."),
    )
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.HELD)
    claimed_at = models.DateTimeField(
        _("claimed"), help_text=_("On the waiting list, since when; once promoted, when that was.")
    )
    companions = models.PositiveSmallIntegerField(_("companions"), default=0)
    group_claim = models.ForeignKey(
        "tasks.GroupClaim",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("with the group"),
    )
    offer_until = models.DateTimeField(_("to be accepted by"), null=True, blank=True)
    kept_until = models.DateTimeField(_("place kept for the group until"), null=True, blank=True)
    asked_at = models.DateTimeField(
        _("asked about new hours"),
        null=True,
        blank=True,
        help_text=_("The shift was moved to hours in which the member has another place; the answer is awaited."),
    )
    stand_in_since = models.DateTimeField(_("looks for a stand-in since"), null=True, blank=True)
    withdraw_reason = models.CharField(_("reason for withdrawing"), max_length=200, blank=True)
    contacted_at = models.DateTimeField(_("contact made"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported fulfilled"), null=True, blank=True)
    report = models.CharField(_("what was done"), max_length=300, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["member", "status", "starts_at"], name="claim_of_member"),
            models.Index(fields=["shift", "claimed_at"], condition=Q(status="WAITING"), name="claim_waiting"),
            models.Index(fields=["offer_until"], condition=Q(status="OFFERED"), name="claim_offered"),
            models.Index(fields=["kept_until"], condition=Q(kept_until__isnull=False), name="claim_kept"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "member"],
                condition=~Q(status__in=["WITHDRAWN", "DECLINED", "EXPIRED", "CANCELLED"]),
                name="claim_once_a_shift",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="claim_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=False) | Q(reported_at=None) & ~Q(status="CONFIRMED"),
                name="claim_served_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="OFFERED") | Q(offer_until__isnull=False), name="claim_offered_for_a_time"
            ),
            models.CheckConstraint(
                condition=Q(kept_until=None) | Q(status="DECLINED", group_claim__isnull=False),
                name="claim_kept_for_a_group",
            ),
            models.CheckConstraint(
                condition=~Q(status="HELD") | Q(asked_at=None) | Q(starts_at=None), name="claim_asked_has_no_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.shift}"

    @property
    def page(self) -> str:
        """Where its member reads of it and does what comes next."""
        return reverse("claim", args=[self.pk])

    @property
    def places(self) -> int:
        """How many places it takes up: its member's own and one for each companion."""
        return 1 + self.companions

    @property
    def awaits_report(self) -> bool:
        """Whether its member serves by agreement and has not said yet that it is done."""
        return self.shift.by_agreement and self.status == Claim.Status.HELD and self.reported_at is None

    @property
    def awaits_confirmation(self) -> bool:
        """Whether its member, or who wrote it down for them, has said that it is done, and nobody has marked it."""
        return self.status == Claim.Status.HELD and self.reported_at is not None
