from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Exemption, Organization
from vanguard.lib.choosing import offer
from vanguard.lib.day_fields import DayField


class RetireForm(forms.Form):
    on = DayField(label=_("Retired from"))
    leaves_unit = forms.BooleanField(label=_("Belongs to the unit no longer"), required=False)


class ReturnToWorkForm(forms.Form):
    unit = forms.ModelChoiceField(Organization.objects.none(), label=_("Works again, from today, in"))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", units)


class ExemptForm(forms.Form):
    """A reason code and dates: there is no field for papers or words, on purpose."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Exemption.Reason.choices)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: until further notice."))


class EndExemptionForm(forms.Form):
    last_day = DayField(label=_("Last day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today: date = timezone.localdate()
        self.initial.setdefault("last_day", today)
