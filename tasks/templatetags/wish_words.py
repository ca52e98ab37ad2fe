"""The life of a wish in words that a resident reads."""

from django import template
from django.utils.translation import gettext_lazy as _

from tasks.models import Wish
from tasks.queries.wish_tracking import Told

register = template.Library()
Status = Wish.Status

WORDS = {
    Status.NEW: _("Your wish has reached the community."),
    Status.ASKED_BACK: _("The community has a question for you."),
    Status.DECLINED: _("The community cannot help with this and says why."),
    Status.MERGED: _("It goes together with an earlier wish."),
    Status.ACCEPTED: _("The community takes care of it."),
    Status.PUBLISHED: _("Members can now take it on."),
    Status.CLAIMED: _("Somebody has taken it on."),
    Status.FULFILLED: _("It is reported as done. Was it?"),
    Status.DONE: _("You said: done."),
    Status.REOPENED: _("It was not done. The community looks at it again."),
}
# Where it matters where it came from.
AFTER = {
    (Status.ASKED_BACK, Status.NEW): _("You have answered; the community reads it."),
    (Status.CLAIMED, Status.PUBLISHED): _("It could not be done yet. Members can take it on again."),
    (Status.CLAIMED, Status.FULFILLED): _("It is reported as done."),
    (Status.REOPENED, Status.PUBLISHED): _("Members can take it on again."),
}
# Of an earlier wish, to somebody whose wish goes together with it.
OF_ANOTHER = {
    Status.NEW: _("It has reached the community."),
    Status.ASKED_BACK: _("The community has asked who sent it a question."),
    Status.DECLINED: _("The community cannot help with this."),
    Status.FULFILLED: _("It is reported as done."),
    Status.DONE: _("It is done."),
}


@register.filter
def wish_words(status: str) -> str:
    return str(WORDS.get(Status(status), status))


@register.filter
def step_words(step: Told) -> str:
    return str(AFTER.get((Status(step.before or step.status), Status(step.status))) or wish_words(step.status))


@register.filter
def words_of_another(step: Told) -> str:
    of_another = OF_ANOTHER.get(Status(step.status))
    return str(of_another) if of_another else step_words(step)
