import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.forms.sending import ResidentForm
from tasks.models import Wish
from vanguard.lib.choosing import offer
from vanguard.lib.filling import filled
from vanguard.lib.phone import PhoneField
from vanguard.lib.photographs import PhotosField

CALL_INSTEAD = {
    "landline": _(
        "This is a landline: enter a mobile phone number. Without one, call the community, which writes the wish "
        "down for you."
    ),
    "abroad": _(
        "This number is from abroad: enter one of mainland China. Without one, call the community, which writes the "
        "wish down for you."
    ),
}


class WishForm(ResidentForm):
    """A resident's wish: few fields, large type; a hidden field catches machines, another a double tap."""

    name = forms.CharField(
        label=_("What may we call you?"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    category = forms.ChoiceField(label=_("What is it about?"), choices=[("", _("Choose")), *Wish.Category.choices])
    phone = PhoneField(help_text=_("Only the community sees it, and who helps you."), error_messages=CALL_INSTEAD)
    for_name = forms.CharField(label=_("Who is it for?"), max_length=40, required=False)
    for_phone = PhoneField(label=_("Their mobile phone"), required=False)
    for_consent = forms.BooleanField(label=_("That person agrees that I ask for them."), required=False)
    photos = PhotosField(
        most=settings.WISH_PHOTOS_AT_MOST,
        required=False,
        help_text=filled(
            _("At most %(most)s. Only the community and who helps you see them."), most=settings.WISH_PHOTOS_AT_MOST
        ),
    )
    consent = forms.BooleanField(label=_("I agree that the community uses these details to help me."))

    class Meta:
        model = Wish
        fields = ["text", "category", "for_whom", "for_minor", "compound", "place", "wanted_when"]
        labels = {
            "text": _("Tell us your wish"),
            "for_whom": _("For whom?"),
            "for_minor": _("It is for a child under 18; then no photos are taken."),
            "compound": _("In which compound?"),
            "place": _("Building and room, or where it is"),
            "wanted_when": _("When?"),
        }
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4}),
            "for_whom": forms.RadioSelect,
            "for_minor": forms.CheckboxInput(attrs={"data-draft": "keep"}),
        }

    NOT_OF_THE_WISH = {"photos", "without_kept", "consent", "sent_once", "website"}
    MORE = ("compound", "place", "wanted_when", "for_minor", "photos")

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        compounds = Organization.objects.in_use().filter(parent=community).order_by("name")
        self.fields["for_whom"].required = False
        if compounds:
            offer(self, "compound", compounds, empty=_("None of these"))
        else:
            del self.fields["compound"]
        most = Wish._meta.get_field("text").max_length
        self.fields["text"].error_messages["max_length"] = _(
            "Please say it in at most %(limit_value)d characters; these are %(show_value)d."
        )
        self.fields["text"].help_text = _("At most %(most)s characters.") % {"most": most}
        # The browser must not cut what somebody pastes: they would lose it without a word.
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_for_whom(self) -> str:
        return self.cleaned_data["for_whom"] or Wish.ForWhom.SELF

    @property
    def said(self) -> dict[str, Any]:
        """What `send_wish` takes of it as the words of the wish."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.NOT_OF_THE_WISH}

    @property
    def more_is_open(self) -> bool:
        """Whether something stands in the part that is folded away, or is wrong there."""
        return any(name in self.fields and (self[name].value() or self[name].errors) for name in self.MORE)


class TrackForm(forms.Form):
    """Number and phone; wrong number and wrong phone are told alike."""

    number = forms.CharField(
        label=_("Tracking number"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = PhoneField()

    def clean_number(self) -> str:
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["number"]).upper().split())


class OutcomeForm(forms.Form):
    """The resident's word on what was done; `done` is sent by one of two buttons."""

    done = forms.TypedChoiceField(
        choices=[("yes", _("Yes, it was done")), ("no", _("Not done"))], coerce=lambda said: said == "yes"
    )
    rating = forms.ChoiceField(
        label=_("How was it? (optional)"), choices=Wish.Rating.choices, required=False, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("A few words, or what is missing"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReplyForm(forms.Form):
    """The resident's reply to what the community has asked back."""

    words = forms.CharField(label=_("Your answer"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
