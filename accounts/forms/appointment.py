from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organization, Role
from accounts.models.appointment import KIND_OF_ROLE
from vanguard.lib.choosing import offer
from vanguard.lib.naming import clean_name
from vanguard.lib.phone import PhoneField

# The most frequent first; city officers are the administrator's to appoint.
APPOINTED_BY_THE_CITY = [Role.SECRETARY, *(role for role in Role if role not in (Role.SECRETARY, Role.CITY_OFFICER))]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class OrganizationField(forms.ModelChoiceField):
    """Compounds are called by their community too: every second one is a 花园."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent} · {obj}" if obj.kind == Organization.Kind.SUBCOMMUNITY else str(obj)


class PersonForm(forms.Form):
    """Whom to appoint, from when to when."""

    name = forms.CharField(label=_("Name"), max_length=60)
    phone = PhoneField(help_text=_("Whoever has no account yet gets one with this phone."))
    starts_on = forms.DateField(label=_("First day"), widget=DayInput(), initial=timezone.localdate)
    ends_on = forms.DateField(
        label=_("Last day"), widget=DayInput(), required=False, help_text=_("Empty means until further notice.")
    )

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])


class AppointForm(PersonForm):
    organization = OrganizationField(Organization.objects.none(), label=_("For"))
    field_order = ["organization"]

    def __init__(self, *args: Any, role: Role, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_kind = Organization.objects.governed_by(actor).in_use().filter(kind=KIND_OF_ROLE[role])
        in_order = of_kind.select_related("parent").order_by("parent__path", "name")
        offer(self, "organization", in_order, empty=_("Choose"))


class EndForm(forms.Form):
    on = forms.DateField(
        label=_("Last day"),
        widget=DayInput(),
        initial=timezone.localdate,
        help_text=_("Today or later. On the last day the person still acts."),
    )


def role_asked(query: QueryDict, organization: Organization | None = None) -> Role:
    """The role that the address asks for, as far as the city may give it and it goes with the organization."""
    roles = [role for role in APPOINTED_BY_THE_CITY if not organization or KIND_OF_ROLE[role] == organization.kind]
    return next((role for role in roles if role == query.get("role")), roles[0])
