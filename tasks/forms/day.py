"""What comes from a day list: a batch of ticks that a phone has kept, the page's own form, and who stands there."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from tasks.actions.attendance import Tap
from tasks.models import Mark, Shift
from tasks.queries.day import member_with
from vanguard.lib.choosing import key_in

BYTES_AT_MOST = 64 * 1024
TICKS_AT_MOST = 200
KEPT_AT_MOST = timedelta(days=30)
A_CLOCK = range(1, 10**14)  # milliseconds of any phone's clock


def read_batch(body: bytes | None, now: datetime) -> tuple[str, list[Tap]]:
    """Whose ticks a phone sends, as the page was opened, and the ticks.

    A phone's clock may be wrong: what counts is how long before sending something was tapped. `ValidationError` says in a
    sentence what is wrong with a batch that no page of ours has made.
    """
    if body is None or len(body) > BYTES_AT_MOST:
        raise ValidationError(_("These are too many ticks at once. Send them in smaller parts."))
    try:
        batch = json.loads(body)
        who, sent, ticks = str(batch["who"]), _clock(batch["sent"]), list(batch["ticks"])
        taps = [_tap(tick, sent, now) for tick in ticks[: TICKS_AT_MOST + 1]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValidationError(
            _("These ticks cannot be read. Open the list again; what is kept on the phone stays.")
        ) from None
    if len(taps) > TICKS_AT_MOST:
        raise ValidationError(_("These are too many ticks at once. Send them in smaller parts."))
    return who, taps


def _tap(tick: Mapping[str, Any], sent: int, now: datetime) -> Tap:
    key, claim, mark = UUID(str(tick["key"])), key_in(str(tick["claim"])), Mark(tick["mark"])
    if claim is None:
        raise ValueError("no key of a claim")
    age = timedelta(milliseconds=max(0, sent - _clock(tick["at"])))
    return Tap(key, claim, mark, now - min(age, KEPT_AT_MOST))


def _clock(value: Any) -> int:
    if type(value) is not int or value not in A_CLOCK:
        raise ValueError("no time of a phone")
    return value


class DayForm(forms.Form):
    """The list as a plain form: what is chosen for each claim, and what stood there when the page was opened."""

    sent_once = forms.UUIDField(widget=forms.HiddenInput)

    def taps(self, now: datetime) -> list[Tap]:
        """A tick for each that was changed here; what a colleague has ticked meanwhile is not overruled."""
        chosen = {key_in(name.removeprefix("mark-")): name for name in self.data if name.startswith("mark-")}
        return [
            Tap(uuid5(self.cleaned_data["sent_once"], f"{claim}-{self.data[name]}"), claim, self.data[name], now)
            for claim, name in chosen.items()
            if claim and self.data[name] in Mark and self.data[name] != self.data.get(f"was-{claim}")
        ]


class WalkInForm(forms.Form):
    """Who stands there: typed in full, so that nobody reads through the members."""

    who = forms.CharField(
        label=_("Member number or mobile phone"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("In full: ask the member for it."),
    )

    def __init__(self, *args: Any, shift: Shift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shift = shift

    def clean_who(self) -> Member:
        member = member_with(self.cleaned_data["who"], self.shift)
        if member is None:
            raise ValidationError(_("No member with an approved check-in has this number."))
        return member
