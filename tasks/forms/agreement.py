from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks.actions.agreement import PHOTOS_AT_MOST
from tasks.models import Claim
from vanguard.lib.day_fields import DayField, TimeOfDayField
from vanguard.lib.days import A_YEAR
from vanguard.lib.photographs import PhotosField

LENGTHS = [
    (30, _("half an hour")),
    (60, _("1 hour")),
    (90, _("1½ hours")),
    (120, _("2 hours")),
    (180, _("3 hours")),
    (240, _("half a day")),
]
WHEN = ("day", "starts", "length")


class AgreeForm(forms.Form):
    """When somebody comes: the day, from when, and for how long."""

    day = DayField(label=_("Day"))
    starts = TimeOfDayField(label=_("From"))
    length = forms.TypedChoiceField(label=_("How long"), choices=LENGTHS, coerce=int, initial=60, empty_value=None)

    def clean_day(self) -> date | None:
        """Further away there is nothing to agree on, and no clock to count with."""
        day: date | None = self.cleaned_data["day"]
        if day and abs(day - timezone.localdate()) > A_YEAR:
            raise forms.ValidationError(_("Choose a day within a year."))
        return day

    def times(self) -> dict[str, datetime]:
        """Beginning and end, as the actions take them; nothing where nothing was said."""
        day, starts, length = (self.cleaned_data.get(name) for name in WHEN)
        if not (day and starts and length):
            return {}
        starts_at = datetime.combine(day, starts, timezone.get_current_timezone())
        return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=length)}


class ReportForm(AgreeForm):
    """A few words, a photo where one may be taken; and when it was, which an agreed time already says."""

    words = forms.CharField(label=_("What was done?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    photos = PhotosField(
        label=_("A photo"),
        most=PHOTOS_AT_MOST,
        required=False,
        help_text=_("The resident, the community and who helps see it. Show what was done, not people."),
    )
    field_order = ["words", "photos", *WHEN]

    def __init__(self, *args: Any, agreed: bool, photographed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not photographed:
            del self.fields["photos"]
        for name in WHEN:
            self.fields[name].required = not agreed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("day")) != bool(data.get("starts")) and not self.errors:
            self.add_error("starts" if data.get("day") else "day", _("Give both, the day and from when."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """What `report_fulfilled` takes."""
        data = self.cleaned_data
        return {"words": data["words"], "photos": data.get("photos", []), **self.times()}


class HandBackForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you hand it back?"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )


def time_of(claim: Claim | None) -> dict[str, Any]:
    """The fields of a time that has been agreed, to begin with."""
    if claim is None or claim.starts_at is None or claim.ends_at is None:
        return {}
    starts = timezone.localtime(claim.starts_at)
    minutes = (claim.ends_at - claim.starts_at) // timedelta(minutes=1)
    return {"day": starts.date(), "starts": starts.time(), "length": minutes if minutes in dict(LENGTHS) else 60}
