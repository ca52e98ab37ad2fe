"""What a member looks for among the open tasks: kept in the address, and whatever cannot be is passed over."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.models.task import Category
from vanguard.lib.day_fields import DayField
from vanguard.lib.days import A_YEAR

TEXT_AT_MOST = 100
SATURDAY, SUNDAY = 5, 6
# How many steps of a member's home path lead to a publisher.
LEVELS = {"compound": (4, _("My compound")), "community": (3, _("My community")), "city": (1, _("The city"))}


# What is looked for again and again: neither words nor a day of the calendar.
REMEMBERED = ("category", "when", "by", "flags", "fits")


class SearchInput(forms.TextInput):
    input_type = "search"

    def __init__(self) -> None:
        super().__init__({"placeholder": _("What or where")})


class FindForm(forms.Form):
    """Every field may stay empty. `home` is where the member lives, or nothing before the first check-in."""

    q = forms.CharField(label=_("What or where"), required=False, widget=SearchInput())
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("All categories")), *Category.choices]
    )
    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[("", _("Any day")), ("today", _("Today")), ("week", _("This week")), ("weekend", _("At the weekend"))],
    )
    day = DayField(label=_("On the day"), required=False)
    by = forms.ChoiceField(label=_("Published by"), required=False)
    flags = forms.TypedChoiceField(
        label=_("Flags"),
        required=False,
        coerce=int,
        empty_value="",
        choices=[("", _("Any number")), (2, "2+"), (3, "3+"), (4, "4+"), (5, "5")],
    )
    fits = forms.BooleanField(label=_("Only what fits me"), required=False)

    def __init__(self, *args: Any, home: Organization | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = home.path.split("/")[:-1] if home else []
        near = [(level, words) for level, (steps, words) in LEVELS.items() if steps <= len(self.steps)]
        self.fields["by"].choices = [("", _("Anyone")), *near]  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        return self.cleaned_data["q"][:TEXT_AT_MOST]

    def clean_day(self) -> date | None:
        """A day on which there can be anything to find."""
        day: date | None = self.cleaned_data["day"]
        today = timezone.localdate()
        if day and not today <= day <= today + A_YEAR:
            raise forms.ValidationError("")
        return day

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for and can be."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def remembered(self) -> dict[str, Any]:
        """What of it is asked for again at the next visit."""
        return {name: value for name, value in self.asked.items() if name in REMEMBERED}

    @property
    def narrowing(self) -> list[forms.BoundField]:
        """What stands behind the words."""
        return [field for field in self if field.name not in ("q", "fits")]

    def wanted(self) -> dict[str, Any]:
        """What `search` takes of it; a day counts before a span of days."""
        asked = self.asked
        wanted = {
            "text": asked.get("q", ""),
            "category": asked.get("category", ""),
            "flags": asked.get("flags") or 0,
            "days": (asked["day"], asked["day"]) if "day" in asked else _days_of(asked.get("when", "")),
        }
        if "by" in asked:
            wanted["publisher_path"] = "/".join(self.steps[: LEVELS[asked["by"]][0]]) + "/"
        return wanted


def _days_of(when: str) -> tuple[date, date] | None:
    """The first and last day, from today on: a weekend that has begun is the one that is meant."""
    today = timezone.localdate()
    sunday = today + timedelta(days=SUNDAY - today.weekday())
    if when == "today":
        return today, today
    if when == "week":
        return today, sunday
    if when == "weekend":
        return max(today, sunday - timedelta(days=SUNDAY - SATURDAY)), sunday
    return None
