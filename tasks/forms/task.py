from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4, uuid5

from django import forms
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.refusals import Reason as AccountsReason
from tasks.forms import shift
from tasks.forms.limits import say_limits, within
from tasks.forms.seen import SeenForm
from tasks.forms.shift import ShiftFormSet
from tasks.models import BoundaryLine, Task
from tasks.models.task import COMPANIONS_AT_MOST, FIRST_MINUTES_AT_MOST, FLAGS_AT_MOST
from tasks.queries.task import audiences_of, most_flags_of
from tasks.queries.task_change import draft_seen
from tasks.refusals import Reason
from vanguard.lib.choosing import offer, one_of
from vanguard.lib.refused import Refused

VOLUNTEERING = _("This is volunteering: nobody is assigned, and nobody is worse off for not coming.")
NOT_OF_THE_TASK = ("volunteering", "sent_once", "seen")
RARE = ("opens_at", "requirements", "risk_note", "companions_at_most", "first_minutes", "sign_in")
NONE_IS_MEANT = ("companions_at_most", "first_minutes")  # where they are left empty

# Where the sentence of a refusal stands; else above the form.
FIELD_OF = {
    Reason.TITLE_MISSING.value: "title",
    Reason.FLAG_VALUE.value: "flag_value",
    Reason.FOREIGN_AUDIENCE.value: "audience",
    Reason.OPENS_TOO_LATE.value: "opens_at",
    Reason.COMPANIONS.value: "companions_at_most",
    Reason.FIRST_MINUTES.value: "first_minutes",
    Reason.JUSTIFICATION_MISSING.value: "justification",
    Reason.HOST_BY_PAST.value: "host_by",
}


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TaskForm(SeenForm, forms.ModelForm):
    """All that publishing asks (domain rule 2); of a draft no more than a title."""

    opens_at = forms.DateTimeField(
        label=_("Can be claimed from"), required=False, widget=DateTimeInput(), help_text=_("Empty means at once.")
    )
    volunteering = forms.BooleanField(label=VOLUNTEERING)
    sent_once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

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
            "opens_at",
            "requirements",
            "risk_note",
            "companions_at_most",
            "first_minutes",
            "sign_in",
            "boundary_line",
            "justification",
        ]
        labels = {"first_minutes": _("First minutes for members who still lack flags this year")}
        widgets = {
            "content": forms.Textarea(attrs={"rows": 4}),
            "requirements": forms.Textarea(attrs={"rows": 2}),
            "risk_note": forms.Textarea(attrs={"rows": 2}),
            "justification": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "served": _("A kind of people, such as “children of the community”; public, never a person."),
            "sign_in": _("Not needed: the community confirms who came in any case."),
            "boundary_line": _("If the work is on this list, say below why it needs volunteers."),
        }

    def __init__(self, *args: Any, publisher: Organization, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = is_draft
        choices = [organization.pk for organization in audiences_of(publisher)]
        offer(self, "audience", Organization.objects.filter(pk__in=choices).order_by("-path"))
        offer(self, "boundary_line", BoundaryLine.objects.filter(in_use=True), empty=_("Not on the list"))
        self.most_flags = most_flags_of(publisher)
        say_limits(self, "flag_value", 1, self.most_flags)
        say_limits(self, "companions_at_most", 0, COMPANIONS_AT_MOST)
        say_limits(self, "first_minutes", 0, FIRST_MINUTES_AT_MOST)
        for name in NONE_IS_MEANT:
            self.fields[name].required = False
        if is_draft:
            self.fields["title"].error_messages["required"] = Reason.TITLE_MISSING.label

    def full_clean(self) -> None:
        """Of a draft nothing but the title is asked; the page goes on telling what publishing asks."""
        asked = {name: field.required for name, field in self.fields.items()}
        for name, field in self.fields.items():
            field.required = asked[name] and (not self.is_draft or name == "title")
        super().full_clean()
        for name, field in self.fields.items():
            field.required = asked[name]

    def clean_opens_at(self) -> datetime | None:
        """One that has passed means at once, however long ago it was."""
        opens_at: datetime | None = self.cleaned_data["opens_at"]
        return opens_at if opens_at and opens_at > timezone.now() else None

    def clean_flag_value(self) -> int | None:
        """The action's own sentence, before Django names the constraint of the table."""
        most = FLAGS_AT_MOST if self.is_draft else self.most_flags
        return within(self.cleaned_data["flag_value"], 1, most, Reason.FLAG_VALUE)

    def clean_companions_at_most(self) -> int:
        return within(self.cleaned_data["companions_at_most"], 0, COMPANIONS_AT_MOST, Reason.COMPANIONS) or 0

    def clean_first_minutes(self) -> int:
        return within(self.cleaned_data["first_minutes"], 0, FIRST_MINUTES_AT_MOST, Reason.FIRST_MINUTES) or 0

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.is_draft and data.get("boundary_line") and not data.get("justification", "").strip():
            self.add_error("justification", _("Say in writing why this work needs volunteers."))
        return data

    @property
    def rare_fields(self) -> list[forms.BoundField]:
        """What most tasks do without."""
        return [self[name] for name in RARE]

    @property
    def rare_used(self) -> bool:
        """Whether one of them is filled in, or was filled in wrongly."""
        return any(field.errors or field.value() not in (None, "", 0, "0", False) for field in self.rare_fields)

    def task_fields(self) -> dict[str, Any]:
        """What `publish_task` takes, audience included."""
        return {name: value for name, value in self.cleaned_data.items() if name not in NOT_OF_THE_TASK}

    @property
    def once(self) -> UUID | None:
        """The same words from the same form are one task; other words, written after going back, are another."""
        form, sent = self.cleaned_data["sent_once"], cast(QueryDict, self.data)
        return (
            uuid5(form, repr([said for said in sorted(sent.lists()) if said[0] != "csrfmiddlewaretoken"]))
            if form
            else None
        )


def say(form: forms.BaseForm, refused: Refused) -> None:
    """Add a refusal's sentence at the field that it is about, or above the form that has no such field."""
    if isinstance(form, SeenForm) and refused.reason == AccountsReason.STATE_CHANGED:
        form.refuse(refused, now=refused.details["now"])
        return
    field = FIELD_OF.get(refused.reason.value)
    form.add_error(field if field in form.fields else None, refused.sentence)


class TaskWriting:
    """The form of a task and those of its shifts, which are sent together and refused together.

    Three buttons send it, named `do`: as a draft, as a draft to be looked at, or to be published. Where nothing can be
    kept as a draft, it is published in any case.
    """

    DRAFT, PREVIEW, PUBLISH = "draft", "preview", "publish"

    def __init__(
        self,
        data: Any = None,
        *,
        publisher: Organization,
        initial: dict[str, Any],
        rows: Sequence[dict[str, Any]] = (),
        keeps_drafts: bool = True,
    ) -> None:
        choices = (self.DRAFT, self.PREVIEW) if keeps_drafts else ()
        self.do = one_of(choices, (data or {}).get("do"), default=self.PUBLISH)
        self.keeps_drafts, self.is_draft = keeps_drafts, self.do != self.PUBLISH
        self.task = TaskForm(data, publisher=publisher, initial=initial, is_draft=self.is_draft)
        self.shifts = ShiftFormSet(data, prefix="shift", rows=rows, is_draft=self.is_draft)

    @property
    def amiss(self) -> bool:
        """Whether something is to be mended, perhaps far down the page."""
        return bool(self.task.errors or self.shifts.total_error_count())

    @property
    def values(self) -> dict[str, Any]:
        """What `publish_task`, `save_draft` and `change_draft` take."""
        return {"shifts": [row.shift_time() for row in self.shifts.filled], **self.task.task_fields()}

    def attempt(self, act: Callable[[], Any]) -> bool:
        """Whether it was filled in well and `act` was done; else it says why not at the field that it is about."""
        if not (self.task.is_valid() & self.shifts.is_valid()):
            return False
        try:
            act()
        except Refused as refused:
            self._say(refused)
            return False
        return True

    def _say(self, refused: Refused) -> None:
        concerned = refused.details.get("shift")
        times = {row.shift_time(): row for row in self.shifts.filled}
        if concerned in times:
            times[concerned].add_error(shift.FIELD_OF[refused.reason.value], refused.sentence)
        else:
            say(self.task, refused)


def initial_of(task: Task) -> dict[str, Any]:
    """What the form says of a draft; an opening that has passed is one at once."""
    initial = {**model_to_dict(task, fields=TaskForm.Meta.fields), "seen": draft_seen(task)}
    return initial if task.opens_at > timezone.now() else {**initial, "opens_at": None}


class PublishForm(forms.Form):
    """What publishing still asks of a draft that says everything."""

    volunteering = forms.BooleanField(label=VOLUNTEERING)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why? Everyone who has a place is told."), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
