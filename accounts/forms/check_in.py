from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.check_in import Details
from accounts.forms.profile import HelpForm, help_of
from accounts.models import CheckIn, Member, Organization, User
from accounts.queries.community import find_community
from accounts.queries.member import unit_on
from vanguard.lib.choosing import offer
from vanguard.lib.naming import clean_name
from vanguard.lib.phone import PhoneField


class CodeForm(forms.Form):
    """The six digits on a community's poster; digits in full width and spaces are forgiven."""

    code = forms.CharField(
        label=_("The community's code"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Six digits, on the community's poster."),
    )

    def clean_code(self) -> str:
        code = "".join(str(int(sign)) for sign in self.cleaned_data["code"] if sign.isdecimal())
        community = find_community(code)
        if community is None:
            raise forms.ValidationError(
                _("No community has the code “%(code)s”. Check the six digits, or choose from the list below."),
                params={"code": self.cleaned_data["code"]},
            )
        return community.code


class CheckInForm(HelpForm):
    """What a member tells the community they live in; a visitor's phone is asked for beside their name."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = PhoneField()
    unit = forms.ModelChoiceField(
        Organization.objects.none(),
        label=_("My work unit"),
        required=False,
        help_text=_("Not sure? Leave it empty: the unit whose list has your name and phone is taken."),
    )
    retired = forms.BooleanField(
        label=_("I have retired"), required=False, help_text=_("As long as a unit lists you, the unit records that.")
    )
    compound = forms.ModelChoiceField(Organization.objects.none(), label=_("My compound"), required=False)
    address = forms.CharField(label=_("Building and room"), max_length=60)
    consent = forms.BooleanField(
        label=_("I agree that my community and my work unit see these details, as the privacy statement says.")
    )

    def __init__(self, *args: Any, community: Organization, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.community = community
        if user is None:
            del self.fields["phone"], self.fields["name"]
        units = Organization.objects.units().in_use().within(community.city_path)
        offer(self, "unit", units.order_by("category", "name"), empty=_("Choose your work unit"))
        compounds = Organization.objects.in_use().filter(parent=community)
        offer(self, "compound", compounds, empty=_("None of these"))

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    @property
    def details(self) -> Details:
        """What was filled in, as the action asks for it."""
        cleaned = self.cleaned_data
        asked = {name: cleaned[name] for name in ("unit", "retired", "compound", "address")}
        return Details(community=self.community, phone=cleaned.get("phone", ""), name=cleaned.get("name", ""), **asked)


def filled_in(user: User, said: CheckIn | None) -> dict[str, Any]:
    """What the form begins with: all that the person has said before, so that nobody types it again."""
    initial: dict[str, Any] = {"phone": user.phone, "name": user.name}
    if said:
        initial |= {name: getattr(said, name) for name in ("unit", "retired", "compound", "address")}
    member = Member.objects.filter(user=user).first()
    if said and said.status == CheckIn.Status.RETURNED:
        initial |= {"phone": said.phone or user.phone, "name": said.name or user.name}
    elif member:  # what was approved once may have been changed by the unit since
        initial |= {"unit": unit_on(member, timezone.localdate()), "retired": member.retired_on is not None}
    return initial | (help_of(member) if member else {})


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What has to be mended?"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
