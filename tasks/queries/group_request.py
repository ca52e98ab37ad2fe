"""What helper groups are asked for: as the community, the group's leader and the resident see it."""

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.access import Actor
from tasks.models import GroupClaim, GroupRequest, Shift, Wish
from tasks.models.group_request import GroupRequestQuerySet
from tasks.queries.lateness import has_waited
from tasks.queries.wish_publishing import can_be_published

Status = GroupRequest.Status
FOR_THE_COMMUNITY = (Status.NEW, Status.ACCEPTED)


def requests_seen(actor: Actor, status: str = "") -> GroupRequestQuerySet:
    """Whatever the actor sees of them, the latest news first."""
    requests = GroupRequest.objects.visible_to(actor).select_related("group", "project").order_by("-since", "-pk")
    return requests.filter(status=status) if status else requests


def requests_awaiting(actor: Actor) -> GroupRequestQuerySet:
    """What waits for this actor: a leader's yes or no, the community's word to a resident or to a yes; the longest first."""
    states = [Status.ASKED] if actor.is_member else FOR_THE_COMMUNITY
    requests = GroupRequest.objects.visible_to(actor).filter(status__in=states)
    return requests.select_related("group", "project").order_by("since", "pk")


def unanswered_for(days: int) -> Q:
    """The group has left it unanswered for so many working days."""
    return Q(status=Status.ASKED) & has_waited("since", days)


def late_requests(actor: Actor) -> QuerySet[GroupRequest]:
    """Of what the actor sees, what a group should have answered by now."""
    return GroupRequest.objects.visible_to(actor).filter(unanswered_for(settings.GROUP_REQUEST_ANSWER_WITHIN))


def request_about(wish: Wish) -> GroupRequest | None:
    """Which group is asked about a wish, or comes for it, or said no to it last."""
    return wish.group_requests.select_related("group", "project", "task").order_by("-pk").first()


def group_told(wish: Wish) -> GroupRequest | None:
    """What its resident reads of that: not of a group that comes no more, or of a wish that somebody else takes on or that is over."""
    request = request_about(wish)
    if request is None:
        return None
    told = comes_for(wish, request) if request.status == Status.PUBLISHED else can_be_published(wish)
    return request if told else None


def comes_for(wish: Wish, request: GroupRequest) -> bool:
    """Whether the group has places in the task that the wish has become, and it is not done."""
    claimed = wish.status == Wish.Status.CLAIMED and wish.task_id == request.task_id
    return claimed and _shift_of(request) is not None


def hours_of(request: GroupRequest) -> GroupRequest | Shift | None:
    """What says when the group comes: its yes, and once that is a task the shift, for there the hours may change."""
    if request.status == Status.ACCEPTED:
        return request
    return _shift_of(request) if request.status == Status.PUBLISHED else None


def _shift_of(request: GroupRequest) -> Shift | None:
    """In which the group has places for it: nothing once all are given back or called off."""
    held = GroupClaim.objects.filter(group=request.group_id, status=GroupClaim.Status.HELD)
    return Shift.objects.filter(task=request.task_id, group_claims__in=held).first()


def is_with_a_group(request: GroupRequest | None) -> bool:
    """Whether a group is asked about the wish and has not said no."""
    return request is not None and request.status in (Status.ASKED, Status.ACCEPTED)


def contact_is_open(request: GroupRequest) -> bool:
    """Whether the leader may see who asked: the group comes for it, and it is not done."""
    wish = request.wish
    if wish is None or getattr(wish, "contact", None) is None:
        return False
    if request.status == Status.ACCEPTED:
        return can_be_published(wish)
    return request.status == Status.PUBLISHED and comes_for(wish, request)
