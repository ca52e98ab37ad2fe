from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from flags.refusals import Reason


class CorrectionForm(forms.Form):
    """Why locked reports are corrected, and of which unit."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The units concerned read it; it stands on the next version."),
    )
    unit = forms.CharField(
        label=_("Code of the work unit"),
        required=False,
        max_length=20,
        help_text=_("Leave it empty for every unit in which something differs."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, city: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city

    def clean_unit(self) -> Organization | None:
        code = self.cleaned_data["unit"].strip()
        if not code:
            return None
        unit = Organization.objects.units().within(self.city.path).filter(code=code).first()
        if unit is None:
            raise ValidationError(Reason.UNKNOWN_UNIT.label % {"code": code})
        return unit

    @property
    def scope(self) -> Organization:
        """The unit that was named, or else the whole city."""
        return self.cleaned_data.get("unit") or self.city
