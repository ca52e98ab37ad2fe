"""What forms have in common with which something is sent to the community, photos and all."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _


class SendingForm(forms.ModelForm):
    """Known by a number of its own: sent twice it is one, and what it brought is kept when it is refused."""

    without_kept = forms.BooleanField(label=_("Leave the kept photos out"), required=False)
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def key(self) -> UUID | None:
        """By which the same form is known when it is sent again."""
        if not self.is_bound:
            return None
        self.is_valid()
        return self.cleaned_data.get("sent_once")


class Trap(forms.TextInput):
    """A field that people do not see. It is shown empty again, so that who fell into it gets out."""

    def format_value(self, value: Any) -> None:
        return None


class ResidentForm(SendingForm):
    """From somebody without an account: a hidden field catches machines."""

    website = forms.CharField(
        required=False, label=_("Leave this empty"), widget=Trap(attrs={"tabindex": "-1", "autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("website"):
            self.add_error(None, _("This looks as if a machine had filled it in. If you are a person, send it again."))
        return data
