from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.forms.seen import SeenForm
from tasks.forms.sending import SendingForm
from tasks.models import ActivityPhoto, ActivityReport
from tasks.queries.activity_report import report_seen
from vanguard.lib.filling import filled
from vanguard.lib.photographs import PhotosField
from vanguard.lib.words_field import WordsField


class ActivityReportForm(SeenForm, SendingForm):
    """A few words and photos of an activity. A draft needs no words; what was there already can be left out."""

    words = WordsField(
        label=_("How did it go?"),
        most=ActivityReport.WORDS_AT_MOST,
        rows=7,
        help_text=_(
            "What was done, and for whom. The members of the community read it; name nobody who does not want it."
        ),
    )
    leave_out = forms.TypedMultipleChoiceField(
        label=_("Take these photos out"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    photos = PhotosField(
        label=_("Add photos"),
        most=ActivityPhoto.AT_MOST,
        required=False,
        help_text=filled(
            _("At most %(most)s together. Whoever reads the report sees them."), most=ActivityPhoto.AT_MOST
        ),
    )
    agreed = forms.BooleanField(
        label=_("Everybody who can be recognised in the photos agrees that they are shown here."), required=False
    )

    class Meta:
        model = ActivityReport
        fields = ["words"]

    def __init__(self, sent: Any = None, files: Any = None, *, report: ActivityReport | None) -> None:
        initial = {"words": report.words if report else "", "seen": report_seen(report)}
        super().__init__(sent, files, initial=initial)
        self.fields["words"].required = not (sent and sent.get("do") == "draft")
        there = list(report.photos.values_list("pk", flat=True)) if report else []
        field = self.fields["leave_out"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(pk, filled(_("Photo %(n)s"), n=n)) for n, pk in enumerate(there, 1)]
        if not there:
            del self.fields["leave_out"]

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes of it."""
        return {name: self.cleaned_data[name] for name in ("words", "photos", "agreed")}
