from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization


class YearRule(models.Model):
    """What a city asks for in one year (domain rule 7). A year without a row follows the defaults here."""

    city = models.ForeignKey(Organization, models.PROTECT, related_name="year_rules", verbose_name=_("city"))
    year = models.PositiveSmallIntegerField(_("year"))
    minimum = models.PositiveSmallIntegerField(_("flags required"), default=5, validators=[MinValueValidator(1)])
    pro_rating = models.BooleanField(
        _("pro-rated"), default=False, help_text=_("Fewer flags for fewer active months, at least one.")
    )
    community_value_at_most = models.PositiveSmallIntegerField(_("most flags of a community's task"), default=3)
    city_value_at_most = models.PositiveSmallIntegerField(_("most flags of a city's task"), default=5)

    deadline = models.DateField(
        _("confirmation deadline"),
        null=True,
        blank=True,
        help_text=_(
            "The last day on which services of the year are confirmed. Empty: January 31 of the following year."
        ),
    )

    class Meta:
        verbose_name = _("year's rule")
        verbose_name_plural = _("years' rules")
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "year"],
                name="year_rule_one_a_year",
                violation_error_message=_("This city already has a rule for this year."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=1),
                name="year_rule_minimum_positive",
                violation_error_message=_("At least one flag has to be required."),
            ),
            models.CheckConstraint(
                condition=Q(community_value_at_most__gte=1, city_value_at_most__gte=F("community_value_at_most")),
                name="year_rule_limits_in_order",
                violation_error_message=_("The city's limit cannot be below the community's."),
            ),
            models.CheckConstraint(
                condition=Q(deadline=None) | Q(deadline__year__gt=F("year")),
                name="year_rule_deadline_after_the_year",
                violation_error_message=_("The confirmation deadline has to be after the end of the year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.year}"

    @property
    def confirm_by(self) -> date:
        """The last day on which services of this year are confirmed (domain rule 7)."""
        return self.deadline or date(self.year + 1, 1, 31)

    @classmethod
    def of(cls, city_path: str, year: int) -> "YearRule":
        """The rule of that city and year, or the default one, not saved."""
        return cls.objects.filter(city__path=city_path, year=year).first() or cls(year=year)
