from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.appointment import Appointment
from accounts.models.member import Member
from accounts.models.organization import Organization, at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class Roster(models.Model):
    """A unit's own list of its members. Each change of the list raises `version`, by a conditional update."""

    unit = models.OneToOneField(Organization, models.PROTECT, related_name="roster_list", verbose_name=_("work unit"))
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("roster")
        verbose_name_plural = _("rosters")

    def __str__(self) -> str:
        return f"{self.unit} {self.version}"


class RosterEntryQuerySet(models.QuerySet["RosterEntry"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(at_or_below("unit__path", actor.unit_paths))

    def current(self) -> Self:
        """Those on the list today; lines that were taken off or merged are kept as history."""
        return self.filter(removed_on=None)


class RosterEntry(models.Model):
    """A line of the unit's own list; linked to a member by name and phone, or as one of the unit's members."""

    unit = models.ForeignKey(Organization, models.PROTECT, related_name="roster", verbose_name=_("work unit"))
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(_("mobile phone"), max_length=11)
    community = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("community")
    )
    compound = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("compound")
    )
    address = models.CharField(_("building and room"), max_length=60, blank=True)
    address_key = models.CharField(max_length=60, blank=True, editable=False)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="roster_entries", verbose_name=_("member")
    )
    removed_on = models.DateField(_("taken off on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("roster entries")
        ordering = ["unit", "name"]
        indexes = [models.Index(fields=["phone"], name="roster_phone")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "phone"],
                condition=Q(removed_on=None),
                name="roster_phone_once_a_unit",
                violation_error_message=_("This unit's roster already has somebody with this phone."),
            ),
            models.UniqueConstraint(
                fields=["unit", "member"],
                condition=Q(removed_on=None, member__isnull=False),
                name="roster_member_once_a_unit",
                violation_error_message=_("This member already has a line on this unit's roster."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(removed_on__isnull=False),
                name="roster_merged_is_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.unit}"

    @property
    def lives_at(self) -> str:
        """Compound, building and room in one line."""
        return f"{self.compound or ''} {self.address}".strip()


class DistinctEntries(models.Model):
    """That two lines which share a name or a phone are two people: nobody is asked about them again."""

    first = models.ForeignKey(RosterEntry, models.CASCADE, related_name="+", verbose_name=_("one line"))
    second = models.ForeignKey(RosterEntry, models.CASCADE, related_name="+", verbose_name=_("the other line"))
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("said by"))
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    said_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("two people alike on a roster")
        verbose_name_plural = _("people alike on rosters")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_entries_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="distinct_entries_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
