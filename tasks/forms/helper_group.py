from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, Organization, Skill
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.helper_group import members_to_name, resident_with
from vanguard.lib.choosing import offer
from vanguard.lib.words_field import WordsField


class GroupForm(forms.ModelForm):
    """What a group is; its leader does not rename it."""

    introduction = WordsField(
        label=gettext_lazy("Introduction"), most=HelperGroup.INTRODUCTION_AT_MOST, rows=3, required=False
    )

    class Meta:
        model = HelperGroup
        fields = ["name", "kind", "introduction", "skills", "can_be_asked"]
        widgets = {"skills": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, with_name: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].required = False
        if not with_name:
            del self.fields["name"]
        if not Skill.objects.exists():
            del self.fields["skills"]

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or HelperGroup.Kind.OTHER

    def validate_unique(self) -> None:
        """The action says so: the community is no field of the form."""


class JoinForm(forms.Form):
    """A word with which somebody asks to join."""

    words = WordsField(
        label=gettext_lazy("A word about you"), most=GroupMembership.WORDS_AT_MOST, rows=2, required=False
    )


class AnswerAskerForm(forms.Form):
    """A kind word to who asks to join; needed for a no."""

    words = WordsField(
        label=gettext_lazy("A word to them"),
        help_text=gettext_lazy("They read it. A no needs one."),
        most=GroupMembership.WORDS_AT_MOST,
        rows=2,
        required=False,
    )


class EndForm(forms.Form):
    """Why a group is dissolved, or is to be."""

    reason = WordsField(label=gettext_lazy("Why?"), most=HelperGroup.REASON_AT_MOST, rows=3)


class SearchForm(forms.Form):
    """Whom to look for in the community's list of members."""

    q = forms.CharField(max_length=40, required=False)

    @property
    def text(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""


class InviteByNumberForm(forms.Form):
    """Whom a leader invites: typed in full, so that nobody reads through the community's members."""

    who = forms.CharField(
        label=gettext_lazy("Member number or mobile phone"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("In full: ask the member for it."),
    )

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.community = community

    def clean_who(self) -> Member:
        member = resident_with(self.cleaned_data["who"], self.community)
        if member is None:
            raise forms.ValidationError(
                _("No member who lives in %(community)s has this number.") % {"community": self.community}
            )
        return member


class LeaderForm(forms.Form):
    """Who is asked to lead the group: of those who have agreed to belong to it."""

    leader = forms.ModelChoiceField(Member.objects.none(), label=gettext_lazy("Who is to lead?"))

    def __init__(self, *args: Any, group: HelperGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leader", members_to_name(group).exclude(pk=group.leader_id), empty=_("Choose"))
