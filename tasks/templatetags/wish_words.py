"""The life of a wish in words that a resident reads."""

from django import template
from django.utils.translation import gettext_lazy as _

from tasks.models import Wish

register = template.Library()
Status = Wish.Status

WORDS = {
    Status.NEW: _("Your wish has reached the community."),
    Status.ASKED_BACK: _("The community has a question for you."),
    Status.DECLINED: _("The community cannot help with this; its answer is above."),
    Status.MERGED: _("It goes together with an earlier wish."),
    Status.ACCEPTED: _("The community takes care of it."),
    Status.PUBLISHED: _("Members can now take it on."),
    Status.CLAIMED: _("Somebody has taken it on."),
    Status.FULFILLED: _("The community has confirmed that it was done."),
    Status.DONE: _("You said: done."),
    Status.REOPENED: _("You said: not done. The community looks at it again."),
}


@register.filter
def wish_words(status: str) -> str:
    return str(WORDS.get(Status(status), status))
