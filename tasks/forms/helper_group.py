from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member, Organization
from tasks.models import HelperGroup
from tasks.queries.helper_group import members_to_name, resident_with
from vanguard.lib.choosing import offer


class FoundForm(forms.ModelForm):
    """A new group's name; who is to belong to it is ticked beside."""

    class Meta:
        model = HelperGroup
        fields = ["name"]


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
    """Who is to lead the group: of those who have agreed to belong to it."""

    leader = forms.ModelChoiceField(Member.objects.none(), label=gettext_lazy("Leader"))

    def __init__(self, *args: Any, group: HelperGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leader", members_to_name(group).exclude(pk=group.leader_id), empty=_("Choose"))
