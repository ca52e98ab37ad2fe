from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Skill
from tasks.actions.task import CAPACITY_AT_MOST
from tasks.actions.task_offer import ShiftTime
from tasks.forms.limits import say_limits, within
from tasks.models import Shift
from tasks.refusals import Reason
from vanguard.lib.day_fields import DayField, TimeOfDayField

# Where the sentence of a refusal stands in the row that it is about.
FIELD_OF = {
    Reason.SHIFT_BACKWARDS.value: "ends",
    Reason.SHIFT_PAST.value: "day",
    Reason.SHIFT_TOO_FAR.value: "day",
    Reason.SHIFTS_OVERLAP.value: "starts",
    Reason.CAPACITY.value: "capacity",
    Reason.AFTER_HOST_BY.value: "day",
}


class ShiftForm(forms.Form):
    """One shift: a day, from, to, how many people, and what they have to be able to do."""

    day = DayField(label=_("Day"))
    starts = TimeOfDayField(label=_("From"))
    ends = TimeOfDayField(label=_("To"))
    capacity = forms.IntegerField(label=_("Places"))
    skill = forms.TypedChoiceField(label=_("Skill needed"), required=False, empty_value=None)

    def __init__(self, *args: Any, skills: Sequence[Skill] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_limits(self, "capacity", 1, CAPACITY_AT_MOST)
        known = {str(skill.pk): skill for skill in (Skill.objects.all() if skills is None else skills)}
        if not known:
            del self.fields["skill"]
            return
        choices = [
            ("", _("Anyone")),
            *((key, skill.name) for key, skill in known.items()),
        ]
        field = cast(forms.TypedChoiceField, self.fields["skill"])
        field.choices, field.coerce = choices, known.__getitem__

    def has_changed(self) -> bool:
        """Whether it is filled in: places alone, as they were offered, are no shift, and neither is an emptied row."""
        said = {field.name: str(field.data or "").strip() for field in self}
        offered = str(self.get_initial_for_field(self.fields["capacity"], "capacity") or "")
        return any(text and (name, text) != ("capacity", offered) for name, text in said.items())

    def clean_capacity(self) -> int | None:
        return within(self.cleaned_data["capacity"], 1, CAPACITY_AT_MOST, Reason.CAPACITY)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", Reason.SHIFT_BACKWARDS.label)
        return data

    def shift_time(self) -> ShiftTime:
        data = self.cleaned_data
        zone = timezone.get_current_timezone()
        return ShiftTime(
            starts_at=datetime.combine(data["day"], data["starts"], zone),
            ends_at=datetime.combine(data["day"], data["ends"], zone),
            capacity=data["capacity"],
            skill=data.get("skill"),
        )


def row_of(shift: Shift) -> dict[str, Any]:
    """The row of the form that would be this shift."""
    return {**hours_of(shift), "capacity": shift.capacity, "skill": shift.skill_id}


def hours_of(shift: Shift) -> dict[str, Any]:
    """Its day, from and to, as a browser sends them back: without seconds."""
    return hours_between(shift.starts_at, shift.ends_at)


def hours_between(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    starts, ends = (timezone.localtime(moment).replace(second=0, microsecond=0) for moment in (starts_at, ends_at))
    return {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}


class BaseShiftFormSet(forms.BaseFormSet):
    """The rows of the shifts: those there are, and a few more; what is left empty is none."""

    default_error_messages = {"too_few_forms": Reason.NO_SHIFT.label}

    def __init__(self, *args: Any, rows: Sequence[dict[str, Any]] = (), is_draft: bool = False, **kwargs: Any) -> None:
        self.rows, self.skills = list(rows), list(Skill.objects.all())
        self.extra = max(self.extra, len(self.rows) + 1)
        self.validate_min = not is_draft
        super().__init__(*args, **kwargs)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs = {**super().get_form_kwargs(index), "skills": self.skills}
        if index is None:
            return kwargs
        initial = self.rows[index] if index < len(self.rows) else {}
        return {**kwargs, "empty_permitted": True, "use_required_attribute": False, "initial": initial}

    @property
    def filled(self) -> list[ShiftForm]:
        return [row for row in self if row.has_changed()]


ShiftFormSet = cast(
    type[BaseShiftFormSet],
    forms.formset_factory(
        ShiftForm,
        formset=BaseShiftFormSet,
        extra=3,
        min_num=1,
        max_num=30,
        absolute_max=40,
        validate_min=True,
        validate_max=True,
    ),
)
