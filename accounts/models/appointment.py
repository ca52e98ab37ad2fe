from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.organization import Organization, at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor

Kind = Organization.Kind


class Role(models.TextChoices):
    CITY_OFFICER = "CITY_OFFICER", _("City officer")
    INSPECTOR = "INSPECTOR", _("Inspector")
    STREET_OFFICER = "STREET_OFFICER", _("Street officer")
    SECRETARY = "SECRETARY", _("Community secretary")
    BRANCH_SECRETARY = "BRANCH_SECRETARY", _("Branch secretary")
    UNIT_OFFICER = "UNIT_OFFICER", _("Unit officer")


KIND_OF_ROLE = {
    Role.CITY_OFFICER: Kind.CITY,
    Role.INSPECTOR: Kind.CITY,
    Role.STREET_OFFICER: Kind.STREET,
    Role.SECRETARY: Kind.COMMUNITY,
    Role.BRANCH_SECRETARY: Kind.SUBCOMMUNITY,
    Role.UNIT_OFFICER: Kind.WORK_UNIT,
}


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Those for the organizations that the actor keeps."""
        return self.filter(at_or_below("organization__path", actor.governed_paths))

    def in_force(self, day: date) -> Self:
        """Begun and not ended on `day`; the last day still counts."""
        return self.filter(starts_on__lte=day).not_over(day)

    def to_come(self, day: date) -> Self:
        return self.filter(starts_on__gt=day)

    def over(self, day: date) -> Self:
        return self.filter(ends_on__lt=day)

    def not_over(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Appointment(models.Model):
    """Who may act for an organization, in which role, from when to when."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments", verbose_name=_("person")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="appointments", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="appointment_ends_after_it_starts",
                violation_error_message=_("An appointment cannot end before it begins."),
            ),
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(ends_on=None),
                name="appointment_held_once",
                violation_error_message=_("This person already holds this appointment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} · {self.get_role_display()}"

    def is_in_force(self, day: date) -> bool:
        """As the queryset's `in_force` has it."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)
