from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CheckIn, Organization
from vanguard.lib.choosing import offer


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
        if not Organization.objects.communities().in_use().filter(code=code).exists():
            raise forms.ValidationError(
                _("No community has the code “%(code)s”. Check the six digits, or choose from the list below."),
                params={"code": self.cleaned_data["code"]},
            )
        return code


class CheckInForm(forms.ModelForm):
    """What a member tells the community they live in."""

    consent = forms.BooleanField(
        label=_("I agree that my community and my work unit see these details, as the privacy statement says.")
    )

    class Meta:
        model = CheckIn
        fields = ["unit", "compound", "address"]
        labels = {"unit": _("My work unit"), "compound": _("My compound"), "address": _("Building and room")}

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Organization.objects.units().in_use().within(community.city_path)
        offer(self, "unit", units.order_by("category", "name"), empty=_("Choose your work unit"))
        compounds = Organization.objects.in_use().filter(parent=community)
        offer(self, "compound", compounds, empty=_("None of these"))


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What has to be mended?"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
