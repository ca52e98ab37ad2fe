from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Reason
from vanguard.lib.sheet import MEGABYTE, MOST_BYTES


class UploadForm(forms.Form):
    """A unit's list; one that is too large is refused by its size, before a byte of it is read."""

    file = forms.FileField(
        label=_("The list, as XLSX or CSV"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        help_text=_(
            "Only the first sheet is read. Needed are name and mobile phone; the other columns may be missing."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(Reason.FILE_TOO_BIG.label % {"limit": MOST_BYTES // MEGABYTE})
        return file


class ApplyForm(forms.Form):
    """What goes with the word to import."""

    remove_missing = forms.BooleanField(required=False)
