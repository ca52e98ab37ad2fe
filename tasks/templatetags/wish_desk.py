"""What was done with a wish, and by whom, in words for the community's staff."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Record
from tasks.models import Wish

register = template.Library()
S = Wish.Status

WITHOUT_A_STEP = {
    "verified": gettext_lazy("Verified"),
    "edited": gettext_lazy("Text for publishing changed"),
    "marked": gettext_lazy("Marks changed"),
    "thanks passed on": gettext_lazy("Thanks passed on"),
    "linked": gettext_lazy("The resident follows it in an account"),
    "published again": gettext_lazy("Published again"),
    "carried over": gettext_lazy("Passed on when communities were merged"),
    "admin changed": gettext_lazy("Changed by the administrator"),
}
STEPS: dict[tuple[str, str], Any] = {
    ("", S.NEW): gettext_lazy("Sent"),
    (S.ASKED_BACK, S.NEW): gettext_lazy("The resident's reply"),
    (S.CLAIMED, S.PUBLISHED): gettext_lazy("Handed back: open again"),
    (S.FULFILLED, S.DONE): gettext_lazy("The resident says: done"),
    # By the resident's word, or because the community found that nobody came: the reason says which.
    (S.FULFILLED, S.REOPENED): gettext_lazy("Not done"),
    (S.DONE, S.REOPENED): gettext_lazy("The resident says: not done"),
}
SAID_BY_RESIDENTS = (S.NEW, S.DONE, S.REOPENED)


@register.filter
def deed(record: Record) -> str:
    """What was done: the step, or the state it led to."""
    if not record.new_status:
        return str(WITHOUT_A_STEP.get(record.verb, record.verb))
    return str(STEPS.get((record.old_status, record.new_status)) or S(record.new_status).label)


@register.filter
def doer(record: Record) -> str:
    """Who did it, with the hat; where nobody was logged in, the resident, or the clock."""
    if record.user is None:
        return _("The resident") if record.new_status in SAID_BY_RESIDENTS else _("The platform, by itself")
    return " · ".join(filter(None, [record.user.name, str(record.appointment or "")]))
