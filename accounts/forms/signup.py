from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vanguard.lib.naming import clean_name


class SignupForm(forms.Form):
    """What allauth's sign-up asks beside phone and password."""

    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "phone", "password1"]

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
