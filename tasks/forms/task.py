from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.actions.task import CAPACITY_AT_MOST, ShiftTime
from tasks.models import BoundaryLine, Task
from tasks.queries.task import audiences_of, most_flags_of
from tasks.refusals import Reason
from vanguard.lib.choosing import offer


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TaskForm(forms.ModelForm):
    """All that publishing asks (domain rule 2)."""

    opens_at = forms.DateTimeField(
        label=_("Can be claimed from"), required=False, widget=DateTimeInput(), help_text=_("Empty means at once.")
    )
    volunteering = forms.BooleanField(
        label=_("This is volunteering: nobody is assigned, and nobody is worse off for not coming.")
    )

    class Meta:
        model = Task
        fields = [
            "title",
            "content",
            "category",
            "place",
            "served",
            "flag_value",
            "audience",
            "contact_name",
            "contact_phone",
            "requirements",
            "risk_note",
            "boundary_line",
            "justification",
            "opens_at",
        ]
        widgets = {
            "content": forms.Textarea(attrs={"rows": 4}),
            "requirements": forms.Textarea(attrs={"rows": 2}),
            "risk_note": forms.Textarea(attrs={"rows": 2}),
            "justification": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "served": _("A kind of people, such as “children of the community”; public, never a person."),
            "boundary_line": _("If the work is on this list, say below why it needs volunteers."),
        }

    def __init__(self, *args: Any, publisher: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [organization.pk for organization in audiences_of(publisher)]
        offer(self, "audience", Organization.objects.filter(pk__in=choices).order_by("-path"))
        offer(self, "boundary_line", BoundaryLine.objects.filter(in_use=True), empty=_("Not on the list"))
        self.most_flags = most_flags_of(publisher)
        self.fields["flag_value"].widget.attrs.update(min=1, max=self.most_flags)

    def clean_flag_value(self) -> int:
        """The action's own sentence, before Django names the constraint of the table."""
        value = self.cleaned_data["flag_value"]
        if not 1 <= value <= self.most_flags:
            raise forms.ValidationError(Reason.FLAG_VALUE.label, params={"most": self.most_flags})
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("boundary_line") and not data.get("justification", "").strip():
            self.add_error("justification", _("Say in writing why this work needs volunteers."))
        return data

    def task_fields(self) -> dict[str, Any]:
        """What `publish_task` takes, audience included."""
        return {name: value for name, value in self.cleaned_data.items() if name != "volunteering"}


class ShiftForm(forms.Form):
    """One shift: a day, from, to, and how many people."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    capacity = forms.IntegerField(
        label=_("Places"),
        min_value=1,
        max_value=CAPACITY_AT_MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", _("A shift has to end after it begins."))
        return data

    def shift_time(self) -> ShiftTime:
        data = self.cleaned_data
        zone = timezone.get_current_timezone()
        return ShiftTime(
            starts_at=datetime.combine(data["day"], data["starts"], zone),
            ends_at=datetime.combine(data["day"], data["ends"], zone),
            capacity=data["capacity"],
        )


class BaseShiftFormSet(forms.BaseFormSet):
    default_error_messages = {"too_few_forms": Reason.NO_SHIFT.label}


ShiftFormSet = forms.formset_factory(
    ShiftForm,
    formset=BaseShiftFormSet,
    extra=3,
    min_num=1,
    max_num=30,
    absolute_max=40,
    validate_min=True,
    validate_max=True,
)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why? Everyone who has a place is told."), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why can you not come?"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
