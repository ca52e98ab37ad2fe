from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.appointment import appoint, end_appointment
from accounts.admin.base import PeriodForm, RecordedAdmin, administrator
from accounts.admin.site import register
from accounts.models import Appointment, Role
from accounts.models.appointment import KIND_OF_ROLE
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


class AppointmentForm(PeriodForm):
    def clean(self) -> dict[str, Any]:
        """Says beside the field what `appoint` and the database would refuse."""
        cleaned = super().clean()
        user, organization, role = (cleaned.get(name) for name in ("user", "organization", "role"))
        if user and organization and role:
            self._check(user, organization, role)
        if self.initial.get("ends_on") and not cleaned.get("ends_on"):
            self.add_error("ends_on", _("A last day can be moved, not taken away: the person has been told."))
        return cleaned

    def _check(self, user: Any, organization: Any, role: str) -> None:
        if KIND_OF_ROLE[Role(role)] != organization.kind:
            self.add_error("role", Refused(Reason.WRONG_KIND).sentence)
        elif user.appointments.filter(organization=organization, role=role, ends_on=None).exists():
            self.add_error("user", _("This person already has this role here."))


@register(Appointment)
class AppointmentAdmin(RecordedAdmin):
    """Once made, it only ends: who held what from when is part of every record written under it."""

    form = AppointmentForm
    list_display = ["user", "role", "organization", "starts_on", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__name", "^user__phone", "organization__name", "^organization__code"]
    autocomplete_fields = ["user", "organization"]
    fields = ["user", "organization", "role", "starts_on", "ends_on"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user", "organization", "role", "starts_on"] if obj else []

    def save_model(self, request: HttpRequest, obj: Appointment, form: Any, change: bool) -> None:
        by = administrator(request)
        if change:
            if "ends_on" in form.changed_data and obj.ends_on:
                end_appointment(obj, on=obj.ends_on, by=by)
            return
        held = (obj.user, obj.organization, Role(obj.role))
        made = appoint(*held, starts_on=obj.starts_on, ends_on=obj.ends_on, by=by)
        obj.pk = made.pk
        obj._state.adding = False
