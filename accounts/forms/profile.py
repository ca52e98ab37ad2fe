from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Interest, Member, Skill
from accounts.models.interest import INTEREST_BITS
from vanguard.lib import week
from vanguard.lib.bits import bits_of, chosen_in
from vanguard.lib.choosing import offer


class WeekSelect(forms.CheckboxSelectMultiple):
    """A small table, a row for each day and a column for each part of it; every box says its own time."""

    template_name = "components/week.html"
    parts = week.PARTS

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        boxes = [option for _group, options, _index in context["widget"]["optgroups"] for option in options]
        a_day = len(week.PARTS)
        rows = [(day, boxes[n * a_day : (n + 1) * a_day]) for n, day in enumerate(week.DAYS.values())]
        return {**context, "parts": week.PARTS.values(), "rows": rows}


class HelpForm(forms.Form):
    """What a member can do for others, and when; nobody has to say."""

    skills = forms.ModelMultipleChoiceField(
        Skill.objects.none(), label=_("What I can help with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    free_times = forms.MultipleChoiceField(
        label=_("When I am usually free"),
        choices=week.parts,
        required=False,
        widget=WeekSelect,
        help_text=_("Mornings from 6, afternoons from 12, evenings from 18. Nothing ticked says nothing about times."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "skills", Skill.objects.all())
        if not Skill.objects.exists():
            del self.fields["skills"]

    @property
    def help_offered(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"skills": list(cleaned.get("skills", ())), "free_at": bits_of(cleaned["free_times"], week.BITS)}


class ProfileForm(HelpForm):
    """Besides, what the member likes to do, and whether to be told of it."""

    interests = forms.MultipleChoiceField(
        label=_("What I like to do"), choices=Interest.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    told_what_fits = forms.BooleanField(
        label=_("Tell me when a task that fits me lacks people"),
        required=False,
        help_text=_("One message a day at most. You are free to come or not."),
    )
    field_order = ["skills", "interests", "free_times", "told_what_fits"]

    @property
    def help_offered(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        interests = bits_of(cleaned["interests"], INTEREST_BITS)
        return {**super().help_offered, "interests": interests, "told_what_fits": cleaned["told_what_fits"]}


def help_of(member: Member) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "skills": list(member.skills.all()),
        "free_times": chosen_in(member.free_at, week.BITS),
        "interests": chosen_in(member.interests, INTEREST_BITS),
        "told_what_fits": member.told_what_fits,
    }
