from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Exemption
from flags.actions.appeal_remedy import How, Remedy
from flags.models import Appeal
from tasks.forms.agreement import AgreeForm
from tasks.models.task import Category
from vanguard.lib.choosing import offer
from vanguard.lib.day_fields import DayField
from vanguard.lib.words_field import WordsField

NONE = ("", _("Choose"))


class AppealForm(forms.Form):
    """The member's words; sent twice, the same form is one appeal."""

    words = WordsField(
        label=_("What is wrong, in your words?"),
        most=Appeal.WORDS_AT_MOST,
        rows=5,
        help_text=_("Who answers reads it, and the city. Say what they can check: who was there, what was done."),
    )
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes of it."""
        return {name: self.cleaned_data[name] for name in ("words", "sent_once")}


class ServiceAppealForm(AgreeForm, AppealForm):
    """A service that stands nowhere: what was done, and when."""

    what = forms.CharField(label=_("What did you do?"), max_length=120)
    field_order = ["what", "day", "starts", "length", "words"]

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "what": self.cleaned_data["what"], **self.times()}


class ExemptionAppealForm(AppealForm):
    """Which exemption it is about, if it is about one that is recorded."""

    exemption = forms.ModelChoiceField(Exemption.objects.none(), label=_("Which exemption is it?"), required=False)
    field_order = ["exemption", "words"]

    def __init__(self, *args: Any, exemptions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "exemption", exemptions, empty=_("An exemption that is missing, or my retirement"))

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "exemption": self.cleaned_data["exemption"]}


class AnswerAppealForm(forms.Form):
    words = WordsField(
        label=_("How do you see it?"),
        most=Appeal.ANSWER_AT_MOST,
        help_text=_("The member reads this, and the city, which decides."),
    )


class DecideAppealForm(forms.Form):
    """The city's decision; upheld, it is put right at once."""

    upheld = forms.TypedChoiceField(
        label=_("What do you decide?"),
        choices=[("yes", _("Uphold it: it is put right at once")), ("no", _("Do not uphold it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reasons = WordsField(
        label=_("Reasons"),
        most=Appeal.ANSWER_AT_MOST,
        help_text=_("The member reads them. The decision is final."),
    )

    @property
    def remedy(self) -> Remedy | None:
        return None


class DecideServiceForm(DecideAppealForm):
    """With what the service counts, if it is upheld."""

    category = forms.ChoiceField(label=_("Category"), choices=Category.choices, initial=Category.COMMUNITY_ACTIVITY)
    value = forms.IntegerField(label=_("Flags"), min_value=1, max_value=5, initial=1)

    @property
    def remedy(self) -> Remedy:
        return Remedy(category=self.cleaned_data["category"], value=self.cleaned_data["value"])


class DecideExemptionForm(DecideAppealForm):
    """What is recorded, if it is upheld."""

    how = forms.ChoiceField(
        label=_("What is recorded, if you uphold it?"), choices=[NONE, *How.choices], required=False
    )
    reason = forms.ChoiceField(
        label=_("Reason of the exemption"), choices=[NONE, *Exemption.Reason.choices], required=False
    )
    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(
        label=_("Last day"), required=False, help_text=_("Empty: an exemption lasts until further notice.")
    )

    @property
    def remedy(self) -> Remedy:
        return Remedy(**{name: self.cleaned_data[name] for name in ("how", "reason", "starts_on", "ends_on")})


def decide_form_of(appeal: Appeal) -> type[DecideAppealForm]:
    """Which form decides this appeal."""
    if appeal.kind == Appeal.Kind.EXEMPTION:
        return DecideExemptionForm
    return DecideServiceForm if appeal.is_of_a_service else DecideAppealForm
