from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from flags.queries.year import has_begun
from flags.refusals import Reason


def year_asked(query: QueryDict) -> int:
    """The year that `?year=` asks for; the running one for none, for a future one and for what is no year."""
    running, asked = timezone.localdate().year, query.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 and has_begun(int(asked)) else running


def years_offered() -> list[int]:
    """This year and the two before it: what a page offers to look at."""
    running = timezone.localdate().year
    return [running, running - 1, running - 2]


class ReportRequestForm(forms.Form):
    """For which year, and for a city also for which unit, a report is to be built."""

    year = forms.IntegerField(label=_("Year"), widget=forms.NumberInput(attrs={"inputmode": "numeric"}))
    unit = forms.CharField(
        label=_("Code of the work unit"),
        required=False,
        max_length=20,
        help_text=_("Leave it empty for every unit of the city."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, organization: Organization | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert organization is not None, "whoever sees units acts for an organization"
        self.organization = organization
        if organization.kind == Organization.Kind.WORK_UNIT:
            del self.fields["unit"]

    def clean_unit(self) -> Organization | None:
        code = self.cleaned_data["unit"].strip()
        if not code:
            return None
        unit = Organization.objects.units().within(self.organization.path).filter(code=code).first()
        if unit is None:
            raise ValidationError(Reason.UNKNOWN_UNIT.label % {"code": code})
        return unit

    @property
    def scope(self) -> Organization:
        """The unit that was named, or else the organization that asks."""
        return self.cleaned_data.get("unit") or self.organization
