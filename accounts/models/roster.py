from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.member import Member
from accounts.models.organization import Organization, at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class RosterEntryQuerySet(models.QuerySet["RosterEntry"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(at_or_below("unit__path", actor.unit_paths))


class RosterEntry(models.Model):
    """A line of the unit's own list of its members; matched to a member once a check-in agrees with it."""

    unit = models.ForeignKey(Organization, models.PROTECT, related_name="roster", verbose_name=_("work unit"))
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(_("mobile phone"), max_length=11)
    member = models.OneToOneField(
        Member, models.SET_NULL, null=True, blank=True, related_name="roster_entry", verbose_name=_("member")
    )

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster entry")
        verbose_name_plural = _("roster entries")
        ordering = ["unit", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "phone"],
                name="roster_phone_once_a_unit",
                violation_error_message=_("This unit's roster already has somebody with this phone."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.unit}"
