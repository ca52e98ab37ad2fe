from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tasks.forms.sending import ResidentForm, SendingForm
from tasks.models import Suggestion
from vanguard.lib.filling import filled
from vanguard.lib.phone import PhoneField
from vanguard.lib.photographs import PhotosField
from vanguard.lib.words_field import WordsField

S = Suggestion.Status


class SuggestionForm(SendingForm):
    """A member's suggestion: what it is about, in words, with a few photos."""

    category = forms.ChoiceField(
        label=_("What is it about?"), choices=[("", _("Choose")), *Suggestion.Category.choices]
    )
    text = WordsField(label=_("What do you suggest?"), most=settings.SUGGESTION_TEXT_AT_MOST, rows=7)
    photos = PhotosField(
        most=settings.WISH_PHOTOS_AT_MOST,
        required=False,
        help_text=filled(_("At most %(most)s. Only the community sees them."), most=settings.WISH_PHOTOS_AT_MOST),
    )

    class Meta:
        model = Suggestion
        fields = ["category", "text"]

    SAID: tuple[str, ...] = ("category", "text", "photos")

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes of it."""
        return {name: self.cleaned_data[name] for name in self.SAID}


class ResidentSuggestionForm(ResidentForm, SuggestionForm):
    """The same from a resident, who needs no account and says how to be reached."""

    name = forms.CharField(
        label=_("What may we call you?"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = PhoneField(help_text=_("Only the community sees it. With it you follow your suggestion."))
    consent = forms.BooleanField(label=_("I agree that the community uses these details to answer me."))

    SAID = (*SuggestionForm.SAID, "name", "phone")


class AnswerSuggestionForm(forms.Form):
    """What the community says to it, and what that means; what can be chosen follows from where it stands."""

    MEANINGS = {
        S.ANSWERED: _("Answer now, decide later"),
        S.ADOPTED: _("Adopt it"),
        S.PARTLY_ADOPTED: _("Adopt it in part"),
        S.NOT_ADOPTED: _("Do not adopt it"),
    }

    to = forms.ChoiceField(label=_("What do you decide?"), choices=MEANINGS.items, widget=forms.RadioSelect)
    words = WordsField(
        label=_("Answer and reasons"),
        most=Suggestion.WORDS_AT_MOST,
        help_text=_("Who suggested it reads this: what you will do, or why not."),
    )

    def offer_what_is_open(self, suggestion: Suggestion) -> None:
        """All is taken from a page that is older than the last decision: the action says that somebody was faster."""
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        steps = Suggestion.NEXT.get(S(suggestion.status), set())
        field.choices = [(value, words) for value, words in self.MEANINGS.items() if value in steps]


class OutcomeForm(forms.Form):
    words = WordsField(
        label=_("What came of it?"),
        most=Suggestion.WORDS_AT_MOST,
        help_text=_("Who suggested it reads this. Said anew, it takes the place of what was said before."),
    )
