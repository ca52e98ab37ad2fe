"""What a group was asked for is no longer needed of it: its wish went another way, or the group is no more."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions.move import move_all
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from tasks.models import GroupRequest
from tasks.models.group_request import GroupRequestQuerySet

Status = GroupRequest.Status


def end_requests(requests: GroupRequestQuerySet, *, by: Actor, why: str) -> None:
    """Call off those of `requests` that are living; a leader who was asked is told."""
    living = list(requests.living().order_by("pk").values_list("pk", "status"))
    if not living:
        return
    moved = move_all(
        GroupRequest.objects.filter(pk__in=[pk for pk, _status in living]),
        Status.WITHDRAWN,
        by=by,
        why=why,
        since=timezone.now(),
    )
    asked = [pk for pk, status in living if pk in set(moved) and status != Status.NEW]
    off = GroupRequest.objects.filter(pk__in=asked).select_related("group__leader__user", "project")
    write_notices(
        notice_to(
            request.group.leader.user,
            Notice.Kind.GROUP_REQUEST_OFF,
            link=request.page if request.group.is_active else request.group.page,
            project=request.project,
            group=request.group,
            reason=why,
        )
        for request in off
    )


def end_requests_of_wishes(wishes: Iterable[int], *, by: Actor) -> None:
    """Of wishes that were declined, merged or published otherwise."""
    keys = list(wishes)
    if keys:
        why = _("The community has found another way.")
        end_requests(GroupRequest.objects.filter(wish__in=keys), by=by, why=why)
