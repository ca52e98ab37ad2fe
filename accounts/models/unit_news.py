from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.appointment import Appointment
from accounts.models.check_in import CheckIn
from accounts.models.member import Member
from accounts.models.organization import Organization, at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class UnitNewsQuerySet(models.QuerySet["UnitNews"]):
    def visible_to(self, actor: "Actor") -> Self:
        """What a unit was told; a community sees what it told of its own check-ins, to know that it was read."""
        told = at_or_below("check_in__community__path", actor.reviewing_paths)
        return self.filter(at_or_below("unit__path", actor.unit_paths) | told)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class UnitNews(models.Model):
    """What a unit is told of one of its members once the community has approved it, with its read receipt."""

    class Kind(models.TextChoices):
        CHECKED_IN = "CHECKED_IN", _("Checked in")
        MOVED = "MOVED", _("Moved to another community")
        CHANGED = "CHANGED", _("Details changed")
        JOINED = "JOINED", _("Joined your unit")
        LEFT = "LEFT", _("Left your unit")
        RETIRED = "RETIRED", _("Retired")
        EXEMPTED = "EXEMPTED", _("Exempt")
        REINSTATED = "REINSTATED", _("Back on duty")

    class Detail(models.TextChoices):
        """What of a member may have changed."""

        NAME = "NAME", pgettext_lazy("of a person", "name")
        COMMUNITY = "COMMUNITY", _("community")
        ADDRESS = "ADDRESS", _("address")
        UNIT = "UNIT", _("work unit")
        PHONE = "PHONE", _("phone")

    unit = models.ForeignKey(Organization, models.PROTECT, related_name="news", verbose_name=_("work unit"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="news", verbose_name=_("member"))
    check_in = models.ForeignKey(
        CheckIn, models.PROTECT, null=True, blank=True, related_name="news", verbose_name=_("check-in")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    changed = models.JSONField(_("what changed"), default=list)
    told_at = models.DateTimeField(_("told"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("read by")
    )
    read_as = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acting as")
    )

    objects = UnitNewsQuerySet.as_manager()

    class Meta:
        verbose_name = _("news for a unit")
        verbose_name_plural = _("news for units")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["unit"], condition=Q(read_at=None), name="unit_news_unread")]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="unit_news_read_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_kind_display()}"

    @property
    def changed_words(self) -> list[str]:
        return [str(self.Detail(code).label) for code in self.changed]
