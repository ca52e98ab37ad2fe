"""Appeals as they wait: for an answer, for the decision, and since when."""

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Ability, Actor
from accounts.models import Member, Organization
from accounts.queries.community import Figure
from flags.models import Appeal
from flags.models.appeal import AppealQuerySet
from tasks.queries.lateness import has_waited


def appeals_of(member: Member) -> QuerySet[Appeal]:
    """A person's own, newest first."""
    return Appeal.objects.of(member).with_all().order_by("-created_at", "-pk")


def appeals_waiting(actor: Actor) -> AppealQuerySet:
    """What waits for this actor, to be answered or decided; never one's own; the longest waiting first."""
    appeals = Appeal.objects.visible_to(actor)
    if actor.user is None or actor.member:
        return appeals.none()
    appeals = appeals.of_others(actor.user)
    if actor.can(Ability.DECIDE_APPEALS):
        return appeals.with_answerer().filter(is_to_decide()).order_by("created_at", "pk")
    return appeals.unanswered().order_by("created_at", "pk")


def late_appeals(actor: Actor) -> QuerySet[Appeal]:
    """What should have been answered, or decided, by now."""
    return appeals_waiting(actor).filter(_is_late_for(actor))


def appeals_to_show(actor: Actor) -> dict[str, int]:
    """How many wait for this actor, and how many of these too long; in one query."""
    waiting = appeals_waiting(actor).order_by()
    return waiting.aggregate(appeals=Count("pk"), late_appeals=Count("pk", filter=_is_late_for(actor)))


def _is_late_for(actor: Actor) -> Q:
    return undecided_for() if actor.can(Ability.DECIDE_APPEALS) else unanswered_for()


def appeals_in_state(actor: Actor, status: str = "") -> AppealQuerySet:
    """Whatever the hat may read, the newest first."""
    appeals = Appeal.objects.visible_to(actor).order_by("-created_at", "-pk")
    return appeals.filter(status=status) if status else appeals


def is_to_decide() -> Q:
    """The condition that the city may decide now, on rows that know `has_answerer`.

    Once it is answered; and before, where the city itself was asked, where nobody may answer, or too late.
    """
    nobody = Q(organization__kind=Organization.Kind.CITY) | Q(has_answerer=False)
    return Q(status=Appeal.Status.ANSWERED) | Q(status=Appeal.Status.OPEN) & (nobody | unanswered_for())


def may_be_decided(appeal: Appeal) -> bool:
    return Appeal.objects.with_answerer().filter(is_to_decide(), pk=appeal.pk).exists()


def unanswered_for() -> Q:
    """The condition that the time to answer is over."""
    return Q(status=Appeal.Status.OPEN) & has_waited("created_at", settings.APPEAL_ANSWER_WITHIN)


def undecided_for() -> Q:
    """The condition that the time to decide is over: from the answer on, or from the end of the time to answer."""
    both = settings.APPEAL_ANSWER_WITHIN + settings.APPEAL_DECIDE_WITHIN
    answered = Q(status=Appeal.Status.ANSWERED) & has_waited("answered_at", settings.APPEAL_DECIDE_WITHIN)
    return answered | Q(status=Appeal.Status.OPEN) & has_waited("created_at", both)


def undecided_at(organization: Organization) -> AppealQuerySet:
    """What is not decided and is answered there, or was."""
    return Appeal.objects.undecided().filter(organization__path__startswith=organization.path)


def appeals_of_merger(community: Organization) -> list[Figure]:
    """What a merger of this community passes on to another one."""
    return [Figure(_("Undecided appeals that pass to it"), undecided_at(community).count())]
