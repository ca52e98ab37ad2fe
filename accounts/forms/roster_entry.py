from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, RosterEntry
from vanguard.lib.choosing import offer
from vanguard.lib.naming import clean_name
from vanguard.lib.phone import PhoneField


class RosterEntryForm(forms.ModelForm):
    """One line of a roster. Communities and compounds of the unit's city.

    Those of the line itself are offered even when they are closed: who mends a name must not lose them.
    """

    phone = PhoneField()

    class Meta:
        model = RosterEntry
        fields = ["name", "phone", "community", "compound", "address"]
        labels = {
            "name": _("Name"),
            "community": _("Community"),
            "compound": _("Compound"),
            "address": _("Building and room"),
        }

    def __init__(self, *args: Any, unit: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        city = Organization.objects.within(unit.city_path).select_related("parent")
        kept = Q(closed_on=None) | Q(pk__in=[self.instance.community_id, self.instance.compound_id])
        offer(self, "community", city.communities().filter(kept), empty=_("Not known"))
        offer(self, "compound", city.filter(kept, kind=Organization.Kind.SUBCOMMUNITY), empty=_("Not known"))
        self.fields["compound"].label_from_instance = compound_with_community  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def validate_constraints(self) -> None:
        """The action decides who stands there already: it says by whose name."""

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def compound_with_community(compound: Organization) -> str:
    return f"{compound.parent} · {compound}"
