from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Member, Organization
from accounts.models.organization import at_or_below
from tasks.models import Claim
from tasks.models.task import Category

if TYPE_CHECKING:
    from accounts.access import Actor


class FlagAwardQuerySet(models.QuerySet["FlagAward"]):
    def visible_to(self, actor: "Actor") -> Self:
        """One's own; where it was earned; and for a unit's officer, those of the members the unit has today."""
        if actor.member:
            return self.of(actor.member)
        earned_here = at_or_below("community__path", actor.home_paths)
        return self.filter(earned_here | Q(member__in=Member.objects.visible_to(actor)))

    def of(self, member: Member) -> Self:
        """What a person has earned, under an account that was merged into theirs too."""
        return self.filter(member__in=member.account_keys)  # keys, not a join: else every line of the year is read

    def of_any(self, members: Iterable[int]) -> Self:
        """What these have earned, merged accounts too."""
        accounts = Member.objects.filter(Q(pk__in=members) | Q(merged_into__in=members))
        return self.filter(member__in=accounts.values("pk"))

    def in_year(self, year: int) -> Self:
        return self.filter(year=year)


class FlagAward(models.Model):
    """One line of the flag ledger: never edited, never deleted. Taking back is a line of its own (domain rule 6)."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="awards", verbose_name=_("member"))
    value = models.SmallIntegerField(_("flags"))
    category = models.CharField(_("category"), max_length=20, choices=Category)
    served_on = models.DateField(_("day of service"))
    year = models.PositiveSmallIntegerField(_("year"))
    unit = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("work unit of that day")
    )
    community = models.ForeignKey(
        Organization, models.PROTECT, related_name="awards", verbose_name=_("community of that day")
    )
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="awards", verbose_name=_("claim")
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("takes back")
    )
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    by_appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    awarded_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = FlagAwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag award")
        verbose_name_plural = _("flag ledger")
        ordering = ["-served_on", "-pk"]
        indexes = [
            models.Index(
                fields=["year", "member"], include=["value", "served_on", "category"], name="award_year_member"
            ),
            models.Index(fields=["community", "year"], name="award_community_year"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(reverses=None), name="award_once_a_claim"),
            models.CheckConstraint(
                condition=Q(reverses=None, value__gte=1, value__lte=5)
                | Q(reverses__isnull=False, value__gte=-5, value__lte=-1),
                name="award_value_in_range",
            ),
            models.CheckConstraint(condition=Q(served_on__year=models.F("year")), name="award_year_of_its_day"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d} {self.member} {self.served_on}"


class AwardReason(models.Model):
    """The words that go with an award or a reversal; in a row of their own, because the ledger's rows stay."""

    award = models.OneToOneField(FlagAward, models.PROTECT, related_name="reason", verbose_name=_("award"))
    text = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")

    def __str__(self) -> str:
        return self.text
