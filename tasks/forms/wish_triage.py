from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.models import AnswerTemplate, Wish
from tasks.queries.answer_template import templates_for
from vanguard.lib.choosing import offer

Purpose = AnswerTemplate.Purpose


def few_lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class AnswerForm(forms.Form):
    """Words to a resident: typed, or chosen among those often used; what is typed goes before what is chosen.

    Several stand on one page, so that `name` is in the ids of the fields.
    """

    use_required_attribute = False  # without script the words may come from the choice alone

    name: str
    purpose: Purpose
    words: str  # the name of the field

    template = forms.ModelChoiceField(
        AnswerTemplate.objects.none(), label=_("Words you often use"), required=False, empty_label=""
    )
    keep = forms.BooleanField(label=_("Keep these words for next time"), required=False)

    def __init__(self, *args: Any, community: Organization, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{self.name}_%s"
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


class AskBackForm(AnswerForm):
    name, purpose, words = "ask", Purpose.ASK_BACK, "question"
    question = forms.CharField(label=_("What do you want to know?"), max_length=300, widget=few_lines())
    field_order = ["template", "question", "keep"]


class DeclineForm(AnswerForm):
    name, purpose, words = "decline", Purpose.DECLINE, "reason"
    reason = forms.CharField(label=_("Why not? The resident reads this."), max_length=300, widget=few_lines())
    field_order = ["template", "reason", "keep"]


class ReplyForm(forms.Form):
    """What the resident says to the question, over the telephone."""

    words = forms.CharField(label=_("What the resident answers"), max_length=300, widget=few_lines())


class VerifyForm(forms.Form):
    how = forms.ChoiceField(choices=Wish.Verified.choices)


class TextForm(forms.Form):
    """The text as it may be published, beside the resident's own words."""

    text = forms.CharField(
        label=_("Text as it may be published"),
        max_length=Wish._meta.get_field("edited_text").max_length,
        required=False,
        help_text=_("The resident's own words are kept. Empty means: publish these."),
        widget=few_lines(5),
    )


class MarkForm(forms.ModelForm):
    """What only the community's staff knows of it."""

    class Meta:
        model = Wish
        fields = ["hardship", "for_minor"]
        help_texts = {"for_minor": _("A child's wish has no photos: those sent with it are deleted.")}


class HeardForm(forms.Form):
    """What the resident says in the end, over the telephone."""

    rating = forms.ChoiceField(
        label=_("How was it?"), choices=[("", _("Not said")), *Wish.Rating.choices], required=False
    )
    words = forms.CharField(label=_("In the resident's words"), max_length=300, required=False, widget=few_lines(2))


class ThanksForm(forms.Form):
    words = forms.CharField(
        label=_("Words for the members"),
        max_length=300,
        help_text=_("Shorten them if you like, and leave out names, telephones and addresses."),
        widget=few_lines(),
    )
