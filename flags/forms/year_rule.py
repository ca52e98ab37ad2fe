from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flags.queries.year_rule import KEPT, rule_seen
from tasks.forms.seen import SeenForm
from tasks.models import YearRule
from tasks.models.task import FLAGS_AT_MOST

FLAGS_REQUIRED_AT_MOST = 100


def _number(label: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=most, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )


class YearRuleForm(SeenForm):
    """What a city asks for in one year."""

    minimum = _number(_("Flags required"), FLAGS_REQUIRED_AT_MOST)
    pro_rating = forms.BooleanField(
        label=_("Fewer flags for who was active in fewer months"),
        required=False,
        help_text=_("In proportion to the months in a unit without exemption, rounded up, at least one."),
    )
    community_value_at_most = _number(_("Most flags of a community's task"), FLAGS_AT_MOST)
    city_value_at_most = _number(_("Most flags of a city's task"), FLAGS_AT_MOST)
    deadline = forms.DateField(
        label=_("Confirmation deadline"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day for confirming services of the year. Empty: January 31 of the following year."),
    )

    def __init__(self, sent: Any = None, *, rule: YearRule) -> None:
        super().__init__(sent, initial={**{name: getattr(rule, name) for name in KEPT}, "seen": rule_seen(rule)})

    @property
    def asked(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in KEPT}

    def as_rule(self, year: int) -> YearRule:
        """The rule as it was typed, not saved."""
        return YearRule(year=year, **self.asked)
