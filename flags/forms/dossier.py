from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from flags.models.dossier import OPINION_AT_MOST
from vanguard.lib.words_field import WordsField


class OpinionForm(forms.Form):
    """An opinion on a member's year, with the version that its writer has read."""

    text = WordsField(
        label=_("Opinion"),
        most=OPINION_AT_MOST,
        rows=6,
        help_text=_("The member reads this first. Say what you have seen, without anything about health or family."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class OpinionAnswerForm(forms.Form):
    words = WordsField(
        label=_("Your answer"),
        most=OPINION_AT_MOST,
        required=False,
        help_text=_("You can answer once. Without an answer it only says that you have read it."),
    )


class SerialForm(forms.Form):
    serial = forms.CharField(
        label=_("Serial number"),
        max_length=60,
        help_text=_("It stands at the top of the dossier, such as 2025-7KQF-3MWX-R9TZ."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
