from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.models import Wish
from vanguard.lib.choosing import offer
from vanguard.lib.phone import PhoneField

WRITTEN_DOWN = [choice for choice in Wish.Channel.choices if choice[0] != Wish.Channel.ONLINE]
FOLDED = ("other_way", "wanted_when", "for_whom", "for_name", "for_phone", "for_consent", "for_minor")


class EntryForm(forms.ModelForm):
    """A wish that came by telephone, in a group or at the door, written down by staff in seconds."""

    channel = forms.ChoiceField(label=_("How it came"), choices=WRITTEN_DOWN)
    category = forms.ChoiceField(label=_("What is it about?"), choices=[("", _("Choose")), *Wish.Category.choices])
    name = forms.CharField(
        label=_("The resident's name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = PhoneField(required=False)
    other_way = forms.CharField(
        label=_("Another way to reach them"),
        max_length=80,
        required=False,
        help_text=_("Where there is no phone: a neighbour, a name in the group."),
    )
    for_name = forms.CharField(label=_("Whose name"), max_length=40, required=False)
    for_phone = PhoneField(label=_("Their mobile phone"), required=False)
    for_consent = forms.BooleanField(label=_("That person agrees"), required=False)
    consent = forms.BooleanField(label=_("The resident agrees that the community uses these details to help."))
    accept = forms.BooleanField(label=_("Accept at once"), required=False)
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    class Meta:
        model = Wish
        fields = [
            "channel",
            "text",
            "category",
            "compound",
            "place",
            "wanted_when",
            "for_whom",
            "for_minor",
            "hardship",
        ]
        labels = {"text": _("What is needed"), "place": _("Building or place"), "wanted_when": _("When")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "autofocus": True})}

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "compound", community.children.in_use().order_by("name"), empty=_("Not said"))
        # The browser must not cut what somebody pastes from a group: it would be lost without a word.
        self.fields["text"].widget.attrs.pop("maxlength", None)

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes: all but the tick that the resident agrees, without which the form is not valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "consent"}

    @property
    def needs_unfolding(self) -> bool:
        return any(name in self.errors for name in FOLDED)
