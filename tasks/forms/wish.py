from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.models import Wish
from vanguard.lib.phone import PhoneField


class WishForm(forms.ModelForm):
    """A resident's wish: few fields, large type; a hidden field catches machines, another a double tap."""

    name = forms.CharField(
        label=_("What may we call you?"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    category = forms.ChoiceField(label=_("What is it about?"), choices=[("", _("Choose")), *Wish.Category.choices])
    phone = PhoneField(help_text=_("Only the community sees it, and who helps you."))
    consent = forms.BooleanField(label=_("I agree that the community uses these details to help me."))
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    website = forms.CharField(required=False, label=_("Leave this empty"), widget=forms.HiddenInput)

    class Meta:
        model = Wish
        fields = ["text", "category", "place", "wanted_when"]
        labels = {
            "text": _("Tell us your wish"),
            "place": _("Where?"),
            "wanted_when": _("When?"),
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = Wish._meta.get_field("text").max_length
        self.fields["text"].error_messages["max_length"] = _(
            "Please say it in at most %(limit_value)d characters; these are %(show_value)d."
        )
        self.fields["text"].help_text = _("At most %(most)s characters.") % {"most": most}
        # The browser must not cut what somebody pastes: they would lose it without a word.
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This looks like a machine. Please load the page again."))
        return ""


class TrackForm(forms.Form):
    """Number and phone; wrong number and wrong phone are told alike."""

    number = forms.CharField(
        label=_("Tracking number"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = PhoneField()


class NotDoneForm(forms.Form):
    words = forms.CharField(
        label=_("What is missing?"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
