from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.interest import EVERY_INTEREST
from accounts.models.organization import Organization, at_or_below
from accounts.models.skill import Skill
from vanguard.lib.week import WHOLE_WEEK

if TYPE_CHECKING:
    from accounts.access import Actor


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Oneself; for officers those who live in or, for a unit's officer, belong today to their organization."""
        if actor.member:
            return self.filter(pk=actor.member.pk)
        return self.filter(at_or_below("home__path", actor.home_paths) | Q(pk__in=self._in_units(actor.unit_paths)))

    def _in_units(self, paths: tuple[str, ...]) -> models.QuerySet:
        from django.utils import timezone

        units = UnitMembership.objects.on(timezone.localdate()).filter(at_or_below("unit__path", paths))
        return units.values("member")

    def checked_in(self) -> Self:
        return self.filter(home__isnull=False)


class Member(models.Model):
    """A party member with a job, or a retired one. Its community comes from the approved check-in."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="member", verbose_name=_("person")
    )
    number = models.CharField(_("member number"), max_length=12, unique=True)
    home = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="residents",
        verbose_name=_("home"),
        help_text=_("Compound or community of the approved check-in; empty before it."),
    )
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    skills = models.ManyToManyField(Skill, blank=True, related_name="members", verbose_name=_("skills"))
    # Seen by the member alone, and kept as bits: `vanguard.lib.week` and `Interest` say whose is which.
    free_at = models.PositiveIntegerField(_("free times"), default=0, editable=False)
    interests = models.PositiveIntegerField(_("interests"), default=0, editable=False)
    told_what_fits = models.BooleanField(_("told of tasks that fit and lack people"), default=False, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
        help_text=_("The same person's other membership, for which all that was earned here counts."),
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=Q(merged_into=None) | Q(home=None), name="member_merged_lives_nowhere"),
            models.CheckConstraint(condition=Q(free_at__lte=WHOLE_WEEK), name="member_free_in_a_week"),
            models.CheckConstraint(condition=Q(interests__lte=EVERY_INTEREST), name="member_interests_on_the_list"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @cached_property
    def account_keys(self) -> list[int]:
        """The keys under which this person has served: this one's and, of who had two accounts, the merged one's."""
        return [self.pk, *Member.objects.filter(merged_into=self).values_list("pk", flat=True)]

    @property
    def has_said_what_fits(self) -> bool:
        """Whether there is anything besides skills by which tasks could fit."""
        return bool(self.free_at or self.interests)


class DistinctMembers(models.Model):
    """That two members of one name in one unit are two people: nobody is asked about them again."""

    first = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("one member"))
    second = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("the other member"))
    said_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("two members of one name")
        verbose_name_plural = _("members of one name")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_members_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="distinct_members_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class UnitMembershipQuerySet(models.QuerySet["UnitMembership"]):
    def on(self, day: date) -> Self:
        """In force on `day`; `ends_on` is the first day no longer in the unit."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gt=day))


class UnitMembership(models.Model):
    """From when to when a member belongs to a work unit: the unit of December 31 counts for the year."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="unit_memberships", verbose_name=_("member"))
    unit = models.ForeignKey(Organization, models.PROTECT, related_name="unit_memberships", verbose_name=_("work unit"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True, help_text=_("The first day no longer in the unit."))

    objects = UnitMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit membership")
        verbose_name_plural = _("unit memberships")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="membership_ends_after_it_starts",
                violation_error_message=_("A unit membership has to end after it begins."),
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(ends_on=None),
                name="membership_one_unit_at_a_time",
                violation_error_message=_("A member belongs to one work unit at a time. End the other one first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.unit}"


class PastRetirement(models.Model):
    """A retirement that is over: who works again was not asked for flags in the years before."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="past_retirements", verbose_name=_("member"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The first day at work again."))

    class Meta:
        verbose_name = _("past retirement")
        verbose_name_plural = _("past retirements")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="past_retirement_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.starts_on} – {self.ends_on}"


class Exemption(models.Model):
    """Time in which a member owes no flags: a reason code and dates, never a medical paper."""

    class Reason(models.TextChoices):
        ILLNESS = "ILLNESS", _("Illness")
        PARENTAL = "PARENTAL", _("Parental leave")
        POSTED_AWAY = "POSTED_AWAY", _("Posted away")
        OTHER = "OTHER", _("Other")

    member = models.ForeignKey(Member, models.PROTECT, related_name="exemptions", verbose_name=_("member"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="exemption_ends_after_it_starts",
                violation_error_message=_("An exemption cannot end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_reason_display()}"
