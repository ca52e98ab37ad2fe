from typing import Any
from uuid import uuid4

from django import forms
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Member
from tasks.forms.seen import SeenForm
from tasks.models import StewardApplication, StewardLog, StewardPost
from tasks.models.steward_log import LOG_AT_MOST
from tasks.models.steward_post import MONTHS_AT_MOST
from tasks.queries.helper_group import resident_with
from tasks.queries.steward_post import places_with_posts, post_seen
from vanguard.lib.choosing import offer

WHAT = ["kind", "subject", "duties", "term_months"]


class PostForm(forms.ModelForm):
    """What a post is for. That there is only one of a kind the action sees to: what is sent twice is one."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of post?"), choices=[("", gettext_lazy("Choose")), *StewardPost.Kind.choices]
    )
    term_months = forms.IntegerField(
        label=gettext_lazy("Term in months"),
        min_value=1,
        max_value=MONTHS_AT_MOST,
        initial=12,
        help_text=gettext_lazy("How long each term lasts. At its end the post is open again."),
    )

    class Meta:
        model = StewardPost
        fields = WHAT
        labels = {
            "subject": gettext_lazy("Building or facility"),
            "duties": gettext_lazy("What there is to do"),
        }
        widgets = {"duties": forms.Textarea(attrs={"rows": 4})}

    def validate_constraints(self) -> None:
        """Nothing: see above."""

    @property
    def what(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in WHAT}


class NewPostForm(PostForm):
    sent_once = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    class Meta(PostForm.Meta):
        fields = ["compound", *WHAT]
        labels = {**PostForm.Meta.labels, "compound": gettext_lazy("Where?")}

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = places_with_posts(by)
        offer(self, "compound", places, empty=_("Choose"))
        if len(places) == 1:
            self.initial["compound"] = places[0]


class ChangePostForm(SeenForm, PostForm):
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Who holds the post is told."),
    )

    def __init__(self, sent: Any = None, *, post: StewardPost, is_held: bool) -> None:
        super().__init__(sent, initial={**model_to_dict(post, fields=WHAT), "seen": post_seen(post)})
        if not is_held:
            del self.fields["reason"]


class ReasonForm(forms.Form):
    """Why something is ended, declined, closed or returned: the people concerned read it."""

    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required


class WhyForm(forms.Form):
    """Why a log is confirmed after its year's deadline; the action says when that is asked for."""

    why = forms.CharField(
        label=gettext_lazy("Why now?"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ApplyForm(forms.ModelForm):
    class Meta:
        model = StewardApplication
        fields = ["words"]
        labels = {"words": gettext_lazy("A few words about you")}
        widgets = {"words": forms.Textarea(attrs={"rows": 3})}


class SuccessorForm(forms.Form):
    """Who is to follow: typed in full, so that nobody reads through the members who live there."""

    who = forms.CharField(
        label=gettext_lazy("Member number or mobile phone"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("In full: ask the member for it."),
    )

    def __init__(self, *args: Any, post: StewardPost, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.post = post

    def clean_who(self) -> Member:
        member = resident_with(self.cleaned_data["who"], self.post.compound)
        if member is None:
            words = _("No member who lives in %(community)s has this number.")
            raise forms.ValidationError(words % {"community": self.post.compound})
        return member


class LogForm(forms.ModelForm):
    """What was seen and done in a quarter. All of it is needed to send it; a draft may say as little as it likes."""

    use_required_attribute = False

    class Meta:
        model = StewardLog
        fields = ["seen", "done"]
        labels = {"seen": gettext_lazy("What have you seen?"), "done": gettext_lazy("What was done?")}
        widgets = {"seen": forms.Textarea(attrs={"rows": 4}), "done": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = not is_draft
            field.help_text = _("At most %(most)s characters.") % {"most": LOG_AT_MOST}
            field.error_messages["max_length"] = _(
                "Please say it in at most %(limit_value)d characters; these are %(show_value)d."
            )
            # The browser must not cut what somebody pastes: they would lose it without a word.
            field.widget.attrs.pop("maxlength", None)

    def validate_constraints(self) -> None:
        """Nothing: a draft may say nothing yet, and what is sent the action sees to."""
