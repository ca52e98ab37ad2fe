"""What the page of a wish asks of the community's staff, each in a form of its own that unfolds."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.models import AnswerTemplate, Wish
from tasks.queries.answer_template import templates_for
from vanguard.lib.choosing import offer

Purpose = AnswerTemplate.Purpose
Words = str | Promise


def few_lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class MoveForm(forms.Form):
    """One move: where it is sent, and how it is called. Several stand on one page, so that `name` is in their ids."""

    name: str
    to: str
    title: Words
    button: Words = _("Keep")
    is_final = False
    unfolded = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{self.name}_%s"
        super().__init__(*args, **kwargs)

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes of it."""
        return self.cleaned_data


class AnswerForm(MoveForm):
    """Words to a resident: typed, or chosen among those often used; what is typed goes before what is chosen."""

    use_required_attribute = False  # without script the words may come from the choice alone

    purpose: Purpose
    words: str  # the name of the field

    template = forms.ModelChoiceField(
        AnswerTemplate.objects.none(), label=_("Words you often use"), required=False, empty_label=""
    )
    keep = forms.BooleanField(label=_("Keep these words for next time"), required=False)

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "template", templates_for(community, self.purpose), empty=_("Choose"))
        self.fields["template"].widget.attrs["data-fills"] = f"{self.name}_{self.words}"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        chosen = said.get("template")
        if chosen and not self.data.get(self.words, "").strip():
            del self.errors[self.words]
            said[self.words] = chosen.text
        return said

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (self.words, "keep")}


class AskBackForm(AnswerForm):
    name, to, title, button = "ask", "wish_ask", _("Ask back"), _("Ask back")
    purpose, words = Purpose.ASK_BACK, "question"
    question = forms.CharField(label=_("What do you want to know?"), max_length=300, widget=few_lines())
    field_order = ["template", "question", "keep"]


class DeclineForm(AnswerForm):
    name, to, title, button = "decline", "wish_decline", _("Decline, saying why"), _("Decline")
    is_final = True
    purpose, words = Purpose.DECLINE, "reason"
    reason = forms.CharField(label=_("Why not? The resident reads this."), max_length=300, widget=few_lines())
    field_order = ["template", "reason", "keep"]


class WrittenReplyForm(MoveForm):
    """What the resident says to the question, over the telephone."""

    name, to, title = "reply", "wish_reply_written", _("Write down the reply")
    unfolded = True
    words = forms.CharField(label=_("What the resident answers"), max_length=300, widget=few_lines())


class TextForm(MoveForm):
    """The text as it may be published, beside the resident's own words."""

    name, to, title = "text", "wish_text", _("Change the text that may be published")
    text = forms.CharField(
        label=_("Text as it may be published"),
        max_length=Wish._meta.get_field("edited_text").max_length,
        required=False,
        help_text=_("The resident's own words are kept. Empty means: publish these."),
        widget=few_lines(5),
    )


class MarkForm(MoveForm):
    """What is asked of nobody else: whether the household is in special hardship, and whether it is for a child."""

    name, to, title = "mark", "wish_mark", _("Special hardship, or for a child")
    hardship = forms.BooleanField(
        label=_("Household in special hardship"),
        required=False,
        help_text=_("Goes first in the community's queue, and nobody else sees it."),
    )
    for_minor = forms.BooleanField(
        label=_("For a child under 18"),
        required=False,
        help_text=_("A child's wish has no photos: those sent with it are deleted."),
    )


class ThanksForm(MoveForm):
    name, to, title, button = "thanks", "wish_thanks", _("Pass the thanks on"), _("Pass on")
    words = forms.CharField(
        label=_("Words for the members"),
        max_length=300,
        help_text=_("Shorten them if you like, and leave out names, telephones and addresses."),
        widget=few_lines(),
    )


class WrittenOutcomeForm(MoveForm):
    """What the resident says in the end, over the telephone."""

    name, to, title = "outcome", "wish_outcome_written", _("The resident says now: not done")
    rating = forms.ChoiceField(
        label=_("How was it?"), choices=[("", _("Not said")), *Wish.Rating.choices], required=False
    )
    words = forms.CharField(label=_("In the resident's words"), max_length=300, required=False, widget=few_lines(2))


class VerifyForm(forms.Form):
    """Sent by one of two buttons."""

    how = forms.ChoiceField(choices=Wish.Verified.choices)
