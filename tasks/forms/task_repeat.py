from collections.abc import Sequence
from typing import Any, cast

from django import forms

from tasks.queries.task_repeat import Week


class RepeatForm(forms.Form):
    """The weeks to come, each by the day on which the task would begin; sent are the days that are ticked."""

    days = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, weeks: Sequence[Week], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weeks = {week.day.isoformat(): week for week in weeks}
        cast(forms.MultipleChoiceField, self.fields["days"]).choices = [(day, day) for day in self.weeks]

    @property
    def lines(self) -> list[tuple[Week, bool]]:
        """Each week and whether it is ticked: as it was sent, else what is no holiday and not held already."""
        sent = self["days"].data if self.is_bound else None
        return [
            (week, week.is_offered if sent is None else day in sent and not week.is_taken)
            for day, week in self.weeks.items()
        ]

    @property
    def chosen(self) -> list[int]:
        """How many weeks later."""
        return [self.weeks[day].number for day in self.cleaned_data["days"]]
