from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Member, Organization
from accounts.models.organization import at_or_below
from flags.models.late_entry import LateEntry
from flags.models.matter import AwardMatter
from tasks.models import Claim, StewardLog, Suggestion
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

    def in_force(self) -> Self:
        """Lit and not taken back since."""
        return self.filter(value__gt=0, reversal=None)

    def with_sources(self) -> Self:
        """With what each line is for, in a fixed number of queries."""
        return self.select_related("claim__shift__task", "log__post__compound", "suggestion", "matter", "entry")


SOURCES = ("claim", "log", "suggestion", "matter", "entry")


def _at_most_one_source() -> Q:
    """Whichever of the sources a line has, all others are empty."""
    condition = Q()
    for source in SOURCES:
        condition |= Q(**dict.fromkeys([other for other in SOURCES if other != source], None))
    return condition


class FlagAward(models.Model):
    """One line of the flag ledger: never edited, never deleted. Taking back is a line of its own (domain rule 6).

    A line that reverses another carries the other's source, year, day, category, unit and community; its value is the
    opposite. What reverses a reversal lights the flags again. So flags are sums of `value`, and services are counted by
    its sign.
    """

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
    # Of every hundred lines one has one of these: their indexes below leave the others out.
    log = models.ForeignKey(
        StewardLog,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="awards",
        verbose_name=_("steward's log"),
    )
    suggestion = models.ForeignKey(
        Suggestion,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="awards",
        verbose_name=_("suggestion"),
    )
    matter = models.ForeignKey(
        AwardMatter,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="awards",
        verbose_name=_("matter"),
    )
    entry = models.ForeignKey(
        LateEntry,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="awards",
        verbose_name=_("entered afterwards"),
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
            models.Index(fields=["matter", "member"], condition=Q(matter__isnull=False), name="award_of_matter"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(reverses=None), name="award_once_a_claim"),
            models.UniqueConstraint(fields=["log"], condition=Q(reverses=None), name="award_once_a_log"),
            models.UniqueConstraint(fields=["suggestion"], condition=Q(reverses=None), name="award_once_a_suggestion"),
            models.UniqueConstraint(fields=["entry"], condition=Q(reverses=None), name="award_once_an_entry"),
            models.CheckConstraint(condition=_at_most_one_source(), name="award_of_one_source"),
            models.CheckConstraint(
                condition=Q(log=None, suggestion=None, matter=None) | Q(value__in=[1, -1]),
                name="award_one_flag_without_a_service",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=1, value__lte=5) | Q(reverses__isnull=False, value__gte=-5, value__lte=-1),
                name="award_value_in_range",
            ),
            models.CheckConstraint(condition=Q(served_on__year=models.F("year")), name="award_year_of_its_day"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d} {self.member} {self.served_on}"

    @property
    def page(self) -> str:
        """Where the staff reads the line."""
        return reverse("ledger_line", args=[self.pk])

    @property
    def sources(self) -> dict[str, int | None]:
        """What the line is for, as columns: another line of the same service has the same."""
        return {f"{source}_id": getattr(self, f"{source}_id") for source in SOURCES}

    @property
    def what(self) -> str:
        """What it is for, in a few words; of a suggestion none of its own, which not everybody may read."""
        if self.claim:
            return str(self.claim.shift.task)
        if self.log:
            return f"{self.log.post} · {self.log.of}"
        if self.suggestion:
            return gettext("Adopted suggestion")
        return str(self.matter or self.entry or self.get_category_display())


class AwardReason(models.Model):
    """The words that go with an award or a reversal; in a row of their own, because the ledger's rows stay."""

    award = models.OneToOneField(FlagAward, models.PROTECT, related_name="reason", verbose_name=_("award"))
    text = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")

    def __str__(self) -> str:
        return self.text
