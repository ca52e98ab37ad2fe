from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.forms.seen import SeenForm
from tasks.forms.sending import SendingForm
from tasks.models import Claim, DayNote, DayPhoto
from tasks.models.attendance import COMPANIONS_CAME_AT_MOST
from tasks.queries.day import attendance_of
from vanguard.lib.filling import filled
from vanguard.lib.photographs import PhotosField
from vanguard.lib.words_field import WordsField

PHOTOS_AT_ONCE = 3


class DayNoteForm(SeenForm, SendingForm):
    """Who else came to a shift, a note and photos; for each of `claims` how many companions really came."""

    note = WordsField(label=_("A note of the day"), most=500, required=False, rows=3)
    photos = PhotosField(
        label=_("Photos of the day"),
        most=PHOTOS_AT_ONCE,
        required=False,
        help_text=filled(_("At most %(most)s at once. Only the staff here sees them."), most=PHOTOS_AT_ONCE),
    )

    class Meta:
        model = DayNote
        fields = ["family", "retired", "residents", "note"]

    def __init__(self, *args: Any, claims: list[Claim], seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen
        self.claims = claims
        for claim in claims:
            came = attendance_of(claim).companions_came
            self.fields[f"companions-{claim.pk}"] = forms.IntegerField(
                label=filled(_("Companions of %(name)s"), name=claim.member),
                min_value=0,
                max_value=COMPANIONS_CAME_AT_MOST,
                initial=claim.companions if came is None else came,
            )

    @property
    def companions(self) -> list[forms.BoundField]:
        return [self[f"companions-{claim.pk}"] for claim in self.claims]

    @property
    def said(self) -> dict[str, Any]:
        """What the action takes of it."""
        said = self.cleaned_data
        return {
            "people": {name: said[name] for name in DayNote.PEOPLE},
            "note": said["note"],
            "seen": said["seen"],
            "photos": said["photos"],
            "companions": {claim.pk: said[f"companions-{claim.pk}"] for claim in self.claims},
        }


def photos_left(there: int) -> int:
    """How many more photos a shift may have."""
    return max(0, DayPhoto.AT_MOST - there)
