"""A form that knows what it was opened with, so that nobody overwrites what somebody else has just changed."""

from typing import cast

from django import forms
from django.http import QueryDict

from accounts.refusals import Reason
from vanguard.lib.refused import Refused


class SeenForm(forms.Form):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def refuse(self, refused: Refused, *, now: str) -> bool:
        """Say why, keep what was typed; whether somebody else was faster: sent once more, it is meant for what is `now`."""
        self.add_error(None, refused.sentence)
        if refused.reason != Reason.STATE_CHANGED:
            return False
        self.meant_for(now)
        return True

    def meant_for(self, now: str) -> None:
        """Let what is sent once more stand for what is there `now`."""
        sent = cast(QueryDict, self.data).copy()
        sent[self.add_prefix("seen")] = now
        self.data = sent
