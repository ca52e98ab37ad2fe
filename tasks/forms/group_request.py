from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Member
from tasks.forms.group_claim import MembersField, Row
from tasks.forms.limits import say_limits, within
from tasks.forms.task import VOLUNTEERING
from tasks.models import BoundaryLine, GroupProject, GroupRequest, Task, Wish
from tasks.queries.helper_group import members_to_name
from tasks.queries.task import most_flags_of
from tasks.queries.wish_publishing import home_of, public_text
from tasks.refusals import Reason
from vanguard.lib.choosing import offer, ticked
from vanguard.lib.day_fields import DayField, TimeOfDayField
from vanguard.lib.words_field import WordsField


class AskGroupForm(forms.Form):
    """What the community asks a group for, in words that the group reads."""

    words = WordsField(label=_("What is the group asked for?"), most=GroupRequest.WORDS_AT_MOST, rows=4)
    place = forms.CharField(label=_("Where"), max_length=80, required=False)
    wished_when = forms.CharField(label=_("When would it suit?"), max_length=80, required=False)
    sent_once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)


class PassOnForm(forms.Form):
    """A resident's wish for a group: which of its projects, and what the group reads of it."""

    project = forms.ModelChoiceField(GroupProject.objects.none(), label=_("Which group, and for what?"))
    words = WordsField(
        label=_("What the group reads"),
        most=GroupRequest.WORDS_AT_MOST,
        rows=4,
        help_text=_("Without who asked or behind which door: the leader learns that once the group comes."),
    )
    place = forms.CharField(label=_("Where"), max_length=80, required=False)
    wished_when = forms.CharField(label=_("When would it suit?"), max_length=80, required=False)

    def __init__(self, data: Any = None, *, wish: Wish, asks: GroupRequest | None = None) -> None:
        initial = {
            "project": asks and asks.project_id,
            "words": public_text(wish),
            "place": home_of(wish).name,
            "wished_when": wish.wanted_when,
        }
        super().__init__(data, initial=initial)
        offer(self, "project", GroupProject.objects.in_public(wish.community.community), empty=_("Choose"))
        field = cast(forms.ModelChoiceField, self.fields["project"])
        field.label_from_instance = lambda obj: f"{obj.group} · {obj}"  # type: ignore[method-assign]


class AcceptForm(forms.Form):
    """When the group comes, and who of it."""

    day = DayField(label=_("Day"))
    starts = TimeOfDayField(label=_("From"))
    ends = TimeOfDayField(label=_("To"))
    member = MembersField(Member.objects.none(), required=False)
    words = WordsField(label=_("A word to the community"), most=GroupRequest.ANSWER_AT_MOST, rows=2, required=False)

    def __init__(self, *args: Any, request: GroupRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = list(members_to_name(request.group))
        self.fields["member"].queryset = members_to_name(request.group)  # type: ignore[attr-defined]
        self.chosen = set() if self.is_bound else set(request.people.values_list("pk", flat=True))

    @property
    def rows(self) -> list[Row]:
        """The members in order, with who was ticked before."""
        chosen = set(ticked(cast(QueryDict, self.data), "member")) if self.is_bound else self.chosen
        return [Row(member, member.pk in chosen, None) for member in self.members]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts") and data.get("ends") and data["ends"] <= data["starts"]:
            self.add_error("ends", Reason.SHIFT_BACKWARDS.label)
        if "member" in data and not data["member"]:
            self.add_error("member", Reason.NOBODY_COMES.label)
        return data

    @property
    def said(self) -> dict[str, Any]:
        """What `accept_request` takes of it."""
        data, zone = self.cleaned_data, timezone.get_current_timezone()
        hours: dict[str, datetime] = {
            "starts_at": datetime.combine(data["day"], data["starts"], zone),
            "ends_at": datetime.combine(data["day"], data["ends"], zone),
        }
        return {**hours, "people": data["member"], "words": data["words"]}


class WhyForm(forms.Form):
    """A reason that whoever is concerned reads."""

    reason = WordsField(label=_("Why?"), most=GroupRequest.ANSWER_AT_MOST, rows=3)


class RequestTaskForm(forms.ModelForm):
    """What only the community says of the group's task: whom it serves, its worth in flags, that it is volunteering."""

    volunteering = forms.BooleanField(label=VOLUNTEERING)

    class Meta:
        model = Task
        fields = [
            "title",
            "content",
            "place",
            "served",
            "flag_value",
            "contact_name",
            "contact_phone",
            "boundary_line",
            "justification",
        ]
        widgets = {
            "content": forms.Textarea(attrs={"rows": 4}),
            "justification": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "served": _("A kind of people, such as “children of the community”; public, never a person."),
            "boundary_line": _("If the work is on this list, say below why it needs volunteers."),
        }

    def __init__(self, data: Any = None, *, request: GroupRequest, by: Actor) -> None:
        super().__init__(data, initial=_initial(request, by))
        offer(self, "boundary_line", BoundaryLine.objects.filter(in_use=True), empty=_("Not on the list"))
        self.most_flags = most_flags_of(request.group.community)
        say_limits(self, "flag_value", 1, self.most_flags)

    def clean_flag_value(self) -> int | None:
        """The action's own sentence, before Django names the constraint of the table."""
        return within(self.cleaned_data["flag_value"], 1, self.most_flags, Reason.FLAG_VALUE)

    @property
    def said(self) -> dict[str, Any]:
        """What `publish_request` takes of it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "volunteering"}


def _initial(request: GroupRequest, by: Actor) -> dict[str, Any]:
    community = request.group.community
    return {
        "title": f"{request.group} · {request.project}"[:60],
        "content": request.words,
        "place": request.place or community.name,
        "served": request.project.for_whom,
        "flag_value": 1,
        "contact_name": by.user.name if by.user else "",
        "contact_phone": community.phone,
    }
