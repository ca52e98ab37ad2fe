from typing import Any, NamedTuple, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from tasks.models import GroupClaim, HelperGroup, Shift
from tasks.queries.helper_group import members_to_name
from vanguard.lib.choosing import key_in, offer, ticked


class Row(NamedTuple):
    """One who can be named: ticked or not, and how many they bring."""

    member: Member
    ticked: bool
    companions: BoundField | None


class MembersField(forms.ModelMultipleChoiceField):
    """What could be no key is no choice: SQLite cannot even compare a number that is too large."""

    def clean(self, value: Any) -> Any:
        for text in value or ():
            if key_in(str(text)) is None:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": text}
                )
        return super().clean(value)


class GroupClaimForm(forms.Form):
    """For whom the places are, and how many companions each brings where the task allows any."""

    member = MembersField(Member.objects.none(), required=False)

    def __init__(self, *args: Any, group: HelperGroup, shift: Shift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = list(members_to_name(group, shift))
        self.fields["member"].queryset = members_to_name(group, shift)  # type: ignore[attr-defined]
        for member in self.members if shift.task.companions_at_most else ():
            self.fields[f"companions_{member.pk}"] = forms.ChoiceField(
                label=_("Companions of %(name)s") % {"name": member},
                choices=[(0, _("alone")), *((n, f"+{n}") for n in range(1, shift.task.companions_at_most + 1))],
                required=False,
            )

    @property
    def rows(self) -> list[Row]:
        """The members in order, with what was ticked and chosen before."""
        chosen = set(ticked(cast(QueryDict, self.data), "member")) if self.is_bound else set()
        return [
            Row(member, member.pk in chosen, self[name] if (name := f"companions_{member.pk}") in self.fields else None)
            for member in self.members
        ]

    def named(self) -> dict[int, int]:
        """How many companions each member who was ticked brings, by the member's key."""
        data = self.cleaned_data
        return {member.pk: int(data.get(f"companions_{member.pk}") or 0) for member in data["member"]}


class FillForm(forms.Form):
    """Who takes the place that somebody else of the group declined."""

    member = forms.ModelChoiceField(Member.objects.none(), label=gettext_lazy("Who comes instead"))

    def __init__(self, *args: Any, group_claim: GroupClaim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "member", members_to_name(group_claim.group, group_claim.shift), empty=_("Choose"))
