from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization

if TYPE_CHECKING:
    from accounts.access import Actor


class AwardMatterQuerySet(models.QuerySet["AwardMatter"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Those of the actor's city."""
        place = actor.place
        return self.filter(city__path=place.city_path) if place else self.none()

    def awardable(self, day: date) -> Self:
        """Those for which a flag of this year may still be given: not over before it began, not to come."""
        return self.filter(Q(until=None) | Q(until__gte=date(day.year - 1, 1, 1)), Q(since=None) | Q(since__lte=day))


class AwardMatter(models.Model):
    """What a city's communities may award a flag for besides services (社区认定的其他事项): a named row, kept by the city."""

    city = models.ForeignKey(Organization, models.PROTECT, related_name="award_matters", verbose_name=_("city"))
    name = models.CharField(_("name"), max_length=60)
    since = models.DateField(_("counts from"), null=True, blank=True, help_text=_("Empty: from always."))
    until = models.DateField(
        _("counts until"), null=True, blank=True, help_text=_("The last day; for one stated day the same as the first.")
    )

    objects = AwardMatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter")
        verbose_name_plural = _("matters")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "name"],
                name="award_matter_named_once",
                violation_error_message=_("This city has a matter of that name already."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="award_matter_has_a_name"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="award_matter_ends_after_it_starts",
                violation_error_message=_("The last day lies before the first one."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def counts_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
