from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import FreeTime, Member, Skill
from vanguard.lib.choosing import offer


class HelpForm(forms.Form):
    """What a member can do for others, and when; nobody has to say."""

    skills = forms.ModelMultipleChoiceField(
        Skill.objects.none(), label=_("What I can help with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    free_times = forms.MultipleChoiceField(
        label=_("When I am usually free"),
        choices=FreeTime.Part.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "skills", Skill.objects.all())
        if not Skill.objects.exists():
            del self.fields["skills"]

    @property
    def help_offered(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"skills": list(cleaned.get("skills", ())), "free_times": cleaned["free_times"]}


def help_of(member: Member) -> dict[str, Any]:
    """What the form begins with."""
    free_times = list(member.free_times.values_list("part", flat=True))
    return {"skills": list(member.skills.all()), "free_times": free_times}
